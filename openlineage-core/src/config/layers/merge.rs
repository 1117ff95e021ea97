use crate::config::{ConfigValue, Node, Source};

/// One value on top of another: maps are merged key by key, anything else replaces what is below, `null` included.
///
/// Keys stand in the order of `below`, and new ones after them, as in the Python client. A key that comes from the name
/// of a variable has lost its capitals: it stands for one that differs from it in nothing else.
pub(in crate::config) fn merge(below: ConfigValue, above: ConfigValue) -> ConfigValue {
    let source = above.source().clone();
    match (below.into_node(), above.into_node()) {
        (Node::Map(mut merged), Node::Map(map)) => {
            map.into_iter().for_each(|entry| put(&mut merged, entry));
            ConfigValue::new(Node::Map(merged), source)
        }
        (_, above) => ConfigValue::new(above, source),
    }
}

fn put(merged: &mut Vec<(String, ConfigValue)>, (key, value): (String, ConfigValue)) {
    let exact = merged.iter().position(|(known, _)| *known == key);
    let same = |(known, old): &(String, ConfigValue)| stands_for(known, old, &key) || stands_for(&key, &value, known);
    match exact.or_else(|| merged.iter().position(same)) {
        Some(index) => {
            let (known, old) = &mut merged[index];
            if stands_for(known, old, &key) {
                *known = key;
            }
            *old = merge(old.clone(), value);
        }
        None => merged.push((key, value)),
    }
}

/// Did a variable mean `spelled` when it said `key`?
fn stands_for(key: &str, value: &ConfigValue, spelled: &str) -> bool {
    matches!(value.source(), Source::Env(_)) && key == spelled.to_lowercase()
}
