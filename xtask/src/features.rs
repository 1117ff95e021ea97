//! Which features a build of the whole workspace has.

use crate::facts::Workspace;

/// Features that need more than a Rust toolchain, a C and a C++ compiler and make.
const NEED_MORE: [&str; 3] = ["kafka-tls", "tls", "tls-vendored"];

/// Those among a facade's features that switch on one of them.
const NEED_MORE_BELOW: [(&str, &str); 2] = [("openlineage", "msk-iam"), ("openlineage-cli", "msk-iam")];

/// Switches on every feature of every member but those.
pub(crate) fn arguments(workspace: &Workspace) -> Vec<String> {
    let members = workspace.members.iter();
    let all = members.flat_map(|member| member.features.iter().map(move |feature| (member, feature)));
    let wanted = all.filter(|(member, feature)| !needs_more(&member.name, feature) && *feature != "default");
    let list: Vec<_> = wanted.map(|(member, feature)| format!("{}/{feature}", member.name)).collect();
    if list.is_empty() { Vec::new() } else { vec!["--features".to_owned(), list.join(",")] }
}

/// Does this feature need more than those tools?
pub(crate) fn needs_more(member: &str, feature: &str) -> bool {
    NEED_MORE.contains(&feature) || NEED_MORE_BELOW.contains(&(member, feature))
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
