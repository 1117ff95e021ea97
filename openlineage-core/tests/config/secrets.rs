//! Secrets: where they come from, and that they are shown nowhere.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use openlineage_core::builtin::Noop;
use openlineage_core::config::{
    BuildContext, ConfigError, ConfigValue, Environment, Factory, Loader, Registry, Secret, Section, Source,
    TransportSpec,
};
use openlineage_core::transport::{Fresh, Transport, TransportSource};

/// Takes `auth.apiKey` and keeps it.
#[derive(Clone, Debug, Default)]
struct Keeper(Arc<Mutex<Option<Secret>>>);

impl Factory for Keeper {
    fn build(&self, mut options: Section, context: &BuildContext<'_>) -> Result<Arc<dyn Transport>, ConfigError> {
        if let Some(mut auth) = options.section("auth")? {
            *self.0.lock().unwrap() = auth.secret("apiKey")?;
        }
        Ok(Arc::new(Noop::named(context.info().clone())))
    }
}

fn secret(yaml: &str, environment: &Environment) -> Result<Option<String>, ConfigError> {
    let keeper = Keeper::default();
    let text = format!("type: keeper\nauth:\n  apiKey: {yaml}");
    let spec = TransportSpec::from_config(ConfigValue::from_yaml(&text, &Source::file(Path::new("f")))?)?;
    let registry = Registry::empty().with("keeper", keeper.clone());
    let _built = Fresh.get(&spec.within(environment), &registry)?;
    let secret = keeper.0.lock().unwrap().take();
    Ok(secret.map(|secret| secret.expose().to_owned()))
}

#[test]
fn a_text_or_a_reference() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key"), "from file\r\n").unwrap();
    fs::write(folder.path().join("long"), "x".repeat(64 * 1024 + 1)).unwrap();
    fs::write(folder.path().join("binary"), b"\xff").unwrap();
    let environment = Environment::of([("KEY", "from variable"), ("EMPTY", "")]).folder(folder.path());
    for (yaml, expected) in [
        ("text", Some("text")),
        ("12", Some("12")),
        ("1e5", Some("1e5")),
        ("null", None),
        ("{env: KEY}", Some("from variable")),
        ("{env: EMPTY}", Some("")),
        ("{file: key}", Some("from file")),
    ] {
        assert_eq!(secret(yaml, &environment).unwrap().as_deref(), expected, "{yaml}");
    }
    for (yaml, message) in [
        ("{env: NONE}", "variable NONE is not set (f:3); set it, or write the text here"),
        ("{env: [a]}", "not a name (f:3); write a text, {env: NAME} or {file: PATH}"),
        ("{file: none}", "file none cannot be opened (f:3); give the path of a file that holds the text alone"),
        ("{file: .}", "file . cannot be "),
        ("{file: long}", "file long is longer than 64 KiB (f:3)"),
        ("{file: binary}", "file binary cannot be read as text (f:3)"),
        ("{file: {}}", "not a path (f:3)"),
        ("{vault: x}", "neither a text nor a reference (f:3)"),
        ("{env: KEY, file: key}", "neither a text nor a reference (f:3)"),
        ("{}", "neither a text nor a reference (f:3)"),
        ("[a]", "neither a text nor a reference (f:3)"),
    ] {
        let error = secret(yaml, &environment).unwrap_err().to_string();
        assert!(error.starts_with(&format!("transport.auth.apiKey: {message}")), "{yaml}: {error}");
    }
}

#[test]
fn without_an_environment_a_reference_leads_to_that_of_the_process() {
    let keeper = Keeper::default();
    let spec = TransportSpec::from_json(r#"{"type": "keeper", "auth": {"apiKey": {"env": "PATH"}}}"#).unwrap();
    let _built = Fresh.get(&spec, &Registry::empty().with("keeper", keeper.clone())).unwrap();
    assert_eq!(keeper.0.lock().unwrap().take().map(|key| key.expose().to_owned()), std::env::var("PATH").ok());
}

#[test]
fn references_are_followed_in_the_environment_of_the_loader() {
    let keeper = Keeper::default();
    let variables = [
        ("OPENLINEAGE__TRANSPORT__TYPE", "keeper"),
        ("OPENLINEAGE__TRANSPORT__AUTH__APIKEY__ENV", "VAULT"),
        ("VAULT", "canary"),
    ];
    let loaded = Loader::new(Environment::of(variables)).load().unwrap();
    let spec = loaded.settings.transport.as_ref().unwrap();
    let _built = Fresh.get(spec, &Registry::empty().with("keeper", keeper.clone())).unwrap();
    assert_eq!(keeper.0.lock().unwrap().take().unwrap().expose(), "canary");
    assert!(loaded.render().contains("apikey: {env: VAULT}"), "{}", loaded.render());
}

#[test]
fn a_variable_keeps_a_secret_to_the_letter() {
    for text in ["123e4567", "true", "null", "007", " padded ", "1.50"] {
        let variables = [("OPENLINEAGE__TRANSPORT__TYPE", "http"), ("OPENLINEAGE__TRANSPORT__AUTH__APIKEY", text)];
        let settings = Loader::new(Environment::of(variables)).load().unwrap().settings;
        let spec = settings.transport.unwrap();
        assert_eq!(spec.options().at("auth.apikey").and_then(ConfigValue::text), Some(text));
    }
}

/// Everything about a configuration that may be printed.
fn printed(environment: Environment) -> String {
    let loader = Loader::new(environment.clone());
    let registry = Registry::builtin().with("http", Keeper::default());
    let mut text = format!("{environment:?} {loader:?}");
    match loader.load() {
        Ok(loaded) => {
            text += &format!("{loaded:?} {:#?} {} {:?}", loaded.tree, loaded.render(), loaded.explain());
            text += &serde_json::to_string(&loaded.explain()).unwrap();
            loaded.warnings.iter().for_each(|warning| text += &format!("{warning} {warning:?}"));
            if let Some(Err(error)) = loaded.settings.transport.map(|spec| Fresh.get(&spec, &registry)) {
                text += &format!("{error} {error:?}");
            }
        }
        Err(error) => {
            text += &format!("{error} {error:?} {:?}", error.source());
        }
    }
    text
}

#[test]
fn a_secret_is_printed_nowhere() {
    for yaml in [
        "transport: {type: http, auth: {type: api_key, apiKey: CANARY}}",
        "transport: {type: http, auth: {type: api_key, api_key: CANARY}}",
        "transport: {type: http, auth: {type: api_key, apiKye: CANARY}}",
        "transport: {type: http, auth: {type: api_key, apiKey: [CANARY]}}",
        "transport: {type: http, auth: {type: api_key, apiKey: {vault: CANARY}}}",
        "transport: {type: http, auth: CANARY}",
        "transport: {type: http, auth: {type: oauth2, clientSecret: CANARY}}",
        "transport: {type: http, auth: {type: jwt, token: CANARY}}",
        "transport: {type: http, custom_headers: {X-Team: CANARY}}",
        "transport: {type: http, url: 'http://user:CANARY@h/x'}",
        "transport: {type: http, url: 'http://h/x?key=CANARY'}",
        "transport: {type: http, url: 'http://h/x', endpoint: 'v1?key=CANARY'}",
        "transport: {type: kafka, config: {sasl.password: CANARY}}",
        "transport: {type: composite, transports: {a: {type: http, auth: {apiKey: CANARY}}}}",
        "transport: CANARY",
        "transport: {type: http, priority: CANARY}",
        "facets: {source_code_location: {repo_url: 'https://u:CANARY@git'}}",
        "dataset: {reducing_enabled: CANARY}",
        "filters: CANARY",
        "tags: {run: [CANARY]}",
        "CANARY",
        "transport: {auth: {apiKey: CANARY}",
        "transport: \"CANARY",
        "transport: *CANARY",
        "transport: {type: console, stream: CANARY}",
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("openlineage.yml"), yaml).unwrap();
        let text = printed(Environment::of([("", ""); 0]).folder(folder.path()));
        let shown = text.contains("CANARY");
        // Only here the text stands at a key that nobody would take for a secret.
        assert_eq!(shown, yaml.contains("stream"), "{yaml}: {text}");
    }
    for (name, value) in [
        ("OPENLINEAGE_API_KEY", "CANARY"),
        ("OPENLINEAGE_URL", "http://u:CANARY@h"),
        ("OPENLINEAGE__TRANSPORT__AUTH__APIKEY", "CANARY"),
        ("OPENLINEAGE__TRANSPORT__AUTH", r#"{"apiKey": "CANARY""#),
        ("OPENLINEAGE__TRANSPORT", r#"{"auth": {"apiKey": "CANARY"}"#),
        ("OPENLINEAGE__ELSEWHERE", r#"{"apiKey": "CANARY""#),
        ("OTHER", "CANARY"),
    ] {
        let text = printed(Environment::of([(name, value), ("OPENLINEAGE__TRANSPORT__TYPE", "http")]));
        assert!(!text.contains("CANARY"), "{name}: {text}");
        let text = printed(Environment::of([("OPENLINEAGE_URL", "http://h"), (name, value)]));
        assert!(!text.contains("CANARY"), "{name}: {text}");
    }
}
