//! What CI systems say of the pull request for which they run.

use crate::config::Environment;

/// GitLab, Bitbucket, Azure with a repository elsewhere, Azure with its own.
const NUMBERS: [&str; 4] = [
    "CI_MERGE_REQUEST_IID",
    "BITBUCKET_PR_ID",
    "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER",
    "SYSTEM_PULLREQUEST_PULLREQUESTID",
];

/// Number of the pull or merge request, if there is one.
pub(super) fn pull_request(environment: &Environment) -> Option<String> {
    let set = |name: &&str| environment.get(name).filter(|value| !value.is_empty());
    let told = NUMBERS.iter().find_map(set);
    told.or_else(|| of_github(environment.get("GITHUB_REF")?)).map(str::to_owned)
}

/// `refs/pull/7/merge`, and the same with `head`.
fn of_github(reference: &str) -> Option<&str> {
    let (number, rest) = reference.strip_prefix("refs/pull/")?.split_once('/')?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && (rest.starts_with("merge") || rest.starts_with("head"))).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_are_asked_in_their_order() {
        let all = [
            ("CI_MERGE_REQUEST_IID", "1"),
            ("BITBUCKET_PR_ID", "2"),
            ("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER", "3"),
            ("SYSTEM_PULLREQUEST_PULLREQUESTID", "4"),
            ("GITHUB_REF", "refs/pull/5/merge"),
        ];
        for first in 0..all.len() {
            let told = pull_request(&Environment::of(all[first..].iter().copied()));
            assert_eq!(told, Some((first + 1).to_string()));
        }
        assert_eq!(pull_request(&Environment::of([("CI_MERGE_REQUEST_IID", "")])), None);
    }

    #[test]
    fn a_github_reference_may_be_a_branch() {
        assert_eq!(of_github("refs/pull/42/head"), Some("42"));
        for other in ["refs/heads/main", "refs/pull/x/merge", "refs/pull//merge", "refs/pull/42", "refs/pull/42/other"]
        {
            assert_eq!(of_github(other), None, "{other}");
        }
    }
}
