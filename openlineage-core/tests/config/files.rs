//! Which file is read, and what is in the way.

use crate::case::{case, check};

const CONSOLE: &str = "transport:\n  type: console\n";
const NOOP: &str = "transport: {type: noop}\n";
const UNCONFIGURED: &str = "transport: not configured, so events go to the console; write a section transport, or";

#[test]
fn the_first_file_that_is_there_is_taken() {
    check([
        case("the working directory").yaml(CONSOLE).gives(&["transport.type: console (openlineage.yml:2)"]),
        case("the home directory")
            .file("home/.openlineage/openlineage.yml", NOOP)
            .gives(&["transport.type: noop (home/.openlineage/openlineage.yml:1)"]),
        case("the working directory before the home directory, which is not looked at")
            .yaml(CONSOLE)
            .file("home/.openlineage/openlineage.yml", "tags: {job: {a: b}}")
            .gives(&["transport.type: console (openlineage.yml:2)"]),
        case("the variable before both")
            .file("other/any.name", NOOP)
            .yaml(CONSOLE)
            .var("OPENLINEAGE_CONFIG", "other/any.name")
            .gives(&["transport.type: noop (other/any.name:1)"]),
        case("the named file before the variable")
            .file("named.yml", NOOP)
            .yaml(CONSOLE)
            .var("OPENLINEAGE_CONFIG", "openlineage.yml")
            .named("named.yml")
            .gives(&["transport.type: noop (named.yml:1)"]),
        case("only that name and extension").file("openlineage.yaml", NOOP).gives(&[]).warns(UNCONFIGURED),
        case("no file is no mistake").var("OPENLINEAGE__TRANSPORT__TYPE", "noop"),
        case("nothing at all").gives(&[]).warns(UNCONFIGURED),
        case("a folder of that name is passed over")
            .file("openlineage.yml/x", "")
            .file("home/.openlineage/openlineage.yml", NOOP)
            .gives(&["transport.type: noop (home/.openlineage/openlineage.yml:1)"])
            .warns("configuration: file "),
        case("a blank variable names nothing")
            .yaml(CONSOLE)
            .var("OPENLINEAGE_CONFIG", " ")
            .gives(&["transport.type: console (openlineage.yml:2)"]),
    ]);
}

#[test]
fn a_file_that_somebody_named_and_that_is_not_there_is_told() {
    check([
        case("by the variable: the next is taken, and said so")
            .yaml(CONSOLE)
            .var("OPENLINEAGE_CONFIG", "typo.yml")
            .gives(&["transport.type: console (openlineage.yml:2)"])
            .warns("OPENLINEAGE_CONFIG: file typo.yml is not there; give the path"),
        case("by the variable, strict")
            .yaml(CONSOLE)
            .var("OPENLINEAGE_CONFIG", "typo.yml")
            .strict()
            .fails("OPENLINEAGE_CONFIG: file typo.yml is not there"),
        case("by name").yaml(CONSOLE).named("typo.yml").fails("configuration: file typo.yml is not there"),
        case("by name, a folder")
            .file("folder/x", "")
            .named("folder")
            .fails("configuration: file folder is not a regu"),
    ]);
}

#[test]
fn a_file_that_makes_no_sense_is_an_error_with_its_line() {
    check([
        case("broken").yaml("transport:\n  type: [").fails("configuration: not valid YAML at column "),
        case("broken, where").yaml("transport:\n  type: \"http\n").fails("configuration: not valid YAML at column"),
        case("a list").yaml("- a\n- b").fails("configuration: not an object (openlineage.yml:1); write sections"),
        case("a text").yaml("http://localhost").fails("configuration: not an object (openlineage.yml:1)"),
        case("empty")
            .yaml("")
            .gives(&[])
            .warns("configuration: the file is empty (openlineage.yml:1)")
            .warns(UNCONFIGURED),
        case("comments only").yaml("# later\n").warns("configuration: the file is empty").warns(UNCONFIGURED),
        case("empty, strict").yaml("").strict().fails("configuration: the file is empty (openlineage.yml:1); write a"),
        case("empty, but variables say all")
            .yaml("")
            .var("OPENLINEAGE__TRANSPORT__TYPE", "noop")
            .gives(&["transport.type: noop ($OPENLINEAGE__TRANSPORT__TYPE)"])
            .warns("configuration: the file is empty"),
        case("a key twice").yaml("tags: {}\ntags: {}").fails("configuration: tags is there twice (openlineage.yml:2)"),
        case("two documents").yaml("a: 1\n---\nb: 2").fails("configuration: a second document (openlineage.yml:2)"),
        case("nothing is expanded inside").yaml("transport: {type: file, log_file_path: $HOME/x}").gives(&[
            "transport.type: file (openlineage.yml:1)",
            "transport.log_file_path: $HOME/x (openlineage.yml:1)",
        ]),
    ]);
}

#[test]
fn a_file_that_is_not_text_or_has_no_end_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let load = |bytes: &[u8]| {
        let path = folder.path().join("odd.yml");
        std::fs::write(&path, bytes).unwrap();
        let environment = openlineage_core::config::Environment::of([("", ""); 0]).folder(folder.path());
        openlineage_core::config::Loader::new(environment).file("odd.yml").load().unwrap_err().to_string()
    };
    assert_eq!(load(b"a: \xff"), "configuration: the file is not UTF-8 (odd.yml:1); save it as UTF-8");
    assert_eq!(load(&vec![b'#'; 1024 * 1024 + 1]), "configuration: the file is longer than 1 MiB (odd.yml:1)");
}
