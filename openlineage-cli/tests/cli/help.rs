use crate::common::{openlineage, run};

#[test]
fn help_ends_well_and_shows_examples() {
    for (args, part) in [
        (vec!["--help"], "{\"type\": \"http\", \"url\": "),
        (vec!["run", "--help"], "Examples:\n  openlineage run "),
        (vec!["emit", "--help"], "Examples:\n  openlineage emit "),
        (vec!["help", "run"], "Exit codes: the command's own"),
        (vec!["help", "emit"], "Exit codes: 0 everything was delivered"),
    ] {
        let done = run(&mut openlineage(&args));
        assert_eq!((done.code, done.stderr.as_str()), (Some(0), ""), "{args:?}");
        let text = String::from_utf8(done.stdout).unwrap();
        assert!(text.contains(part), "{args:?}: {text}");
    }
}

#[test]
fn what_is_wrong_on_the_command_line_is_named_with_a_cure() {
    for (args, part) in [
        (vec!["emit"], "<FILE>"),
        (vec!["emit", "-", "--offest", "1"], "'--offset'"),
        (vec!["emit", "-", "--timeout", "soon"], "write a number of seconds of zero or more, such as 2.5"),
        (vec!["emit", "-", "--concurrency", "0"], "--concurrency"),
        (vec!["emit", "-", "--transport", "{\"type\":\"htpp\"}"], "http"),
        (vec!["emit", "-", "--transport", "http://localhost:5000"], "--transport: write a JSON object such as {"),
        (vec!["emit", "-", "--transport", "@/no/such/file"], "--transport: cannot read /no/such/file"),
        (vec!["run", "--namespace", "n", "--", "true"], "--job"),
        (vec!["run", "--namespace", "n", "--job", "j"], "CMD"),
        (vec!["run", "--namespace", "n", "--job", "j", "--input", "orders", "--", "true"], "write NAMESPACE:NAME"),
        (vec!["run", "--namespace", "n", "--job", "j", "--parent", "a/b", "--", "true"], "write NAMESPACE/NAME/RUNID"),
    ] {
        let done = run(&mut openlineage(&args));
        assert_eq!((done.code, done.stdout.as_slice()), (Some(2), b"".as_slice()), "{args:?}");
        assert!(done.says(part), "{args:?}: {}", done.stderr);
    }
}
