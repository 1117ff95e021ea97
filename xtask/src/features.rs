//! Which features a build of the whole workspace has.

use crate::facts::Workspace;

/// Features that need more than a Rust toolchain, a C and a C++ compiler and make.
pub(crate) const NEED_MORE: [&str; 3] = ["kafka-tls", "tls", "tls-vendored"];

/// Switches on every feature of every member but those.
pub(crate) fn arguments(workspace: &Workspace) -> Vec<String> {
    let members = workspace.members.iter();
    let all = members.flat_map(|member| member.features.iter().map(move |feature| (member, feature)));
    let wanted = all.filter(|(_, feature)| !NEED_MORE.contains(&feature.as_str()) && *feature != "default");
    let list: Vec<_> = wanted.map(|(member, feature)| format!("{}/{feature}", member.name)).collect();
    if list.is_empty() { Vec::new() } else { vec!["--features".to_owned(), list.join(",")] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Member;

    #[test]
    fn every_feature_is_on_but_those_that_need_more() {
        let member = |name: &str, features: &[&str]| Member {
            name: name.into(),
            features: features.iter().map(|feature| (*feature).into()).collect(),
            ..Member::default()
        };
        let members = vec![member("a", &["default", "x"]), member("b", &["tls", "y", "z"]), member("c", &[])];
        let workspace = Workspace { members, ..Workspace::default() };
        assert_eq!(arguments(&workspace), ["--features", "a/x,b/y,b/z"]);
        assert_eq!(arguments(&Workspace::default()), Vec::<String>::new());
    }
}
