use crate::config::{ConfigValue, Node};

/// One value on top of another: maps are merged key by key, anything else replaces what is below, `null` included.
///
/// Keys stand in the order of `below`, and new ones after them, as in the Python client.
pub(in crate::config) fn merge(below: ConfigValue, above: ConfigValue) -> ConfigValue {
    if below.entries().is_none() || above.entries().is_none() {
        return above;
    }
    let mut merged = ConfigValue::new(below.into_node(), above.source().clone());
    if let Node::Map(map) = above.into_node() {
        for (key, value) in map {
            let value = match merged.get(&key) {
                Some(old) => merge(old.clone(), value),
                None => value,
            };
            merged.insert(&key, value);
        }
    }
    merged
}
