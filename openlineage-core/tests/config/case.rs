//! One row of the table: what there is, and what must come of it, with the place of every value.

use std::fs;

use openlineage_core::config::{ConfigError, ConfigValue, Environment, Loaded, Loader, Source};
use tempfile::TempDir;

#[derive(Default)]
pub(crate) struct Case {
    name: &'static str,
    files: Vec<(&'static str, &'static str)>,
    variables: Vec<(&'static str, &'static str)>,
    code: Option<&'static str>,
    defaults: Option<&'static str>,
    named: Option<&'static str>,
    strict: bool,
    gives: Option<&'static [&'static str]>,
    warns: Vec<&'static str>,
    fails: Option<&'static str>,
}

pub(crate) fn case(name: &'static str) -> Case {
    Case { name, ..Case::default() }
}

impl Case {
    /// `openlineage.yml` in the working directory.
    pub(crate) fn yaml(self, text: &'static str) -> Self {
        self.file("openlineage.yml", text)
    }

    /// A file below the working directory. The home directory is `home` there.
    pub(crate) fn file(mut self, path: &'static str, text: &'static str) -> Self {
        self.files.push((path, text));
        self
    }

    pub(crate) fn var(mut self, name: &'static str, value: &'static str) -> Self {
        self.variables.push((name, value));
        self
    }

    pub(crate) fn code(mut self, json: &'static str) -> Self {
        self.code = Some(json);
        self
    }

    pub(crate) fn defaults(mut self, json: &'static str) -> Self {
        self.defaults = Some(json);
        self
    }

    pub(crate) fn named(mut self, path: &'static str) -> Self {
        self.named = Some(path);
        self
    }

    pub(crate) fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Every line of the merged configuration.
    pub(crate) fn gives(mut self, lines: &'static [&'static str]) -> Self {
        self.gives = Some(lines);
        self
    }

    /// How one more warning begins; there are no others.
    pub(crate) fn warns(mut self, warning: &'static str) -> Self {
        self.warns.push(warning);
        self
    }

    /// How the error begins.
    pub(crate) fn fails(mut self, error: &'static str) -> Self {
        self.fails = Some(error);
        self
    }

    pub(crate) fn load(&self) -> Result<Loaded, ConfigError> {
        let folder = TempDir::new().unwrap();
        for (path, text) in &self.files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let environment = Environment::of(self.variables.iter().copied());
        let environment = environment.folder(folder.path()).home(folder.path().join("home"));
        let mut loader = Loader::new(environment).strict(self.strict);
        if let Some(json) = self.code {
            loader = loader.config(ConfigValue::from_json(json, &Source::Code).unwrap());
        }
        if let Some(json) = self.defaults {
            loader = loader.defaults(ConfigValue::from_json(json, &Source::Code).unwrap());
        }
        if let Some(path) = self.named {
            loader = loader.file(path);
        }
        let loaded = loader.load()?;
        if !loaded.settings.disabled {
            same_again(&loaded, self.name);
        }
        Ok(loaded)
    }

    pub(crate) fn check(&self) {
        let loaded = match (self.load(), self.fails) {
            (Ok(loaded), None) => loaded,
            (Ok(loaded), Some(_)) => panic!("{}: no error, but\n{}", self.name, loaded.render()),
            (Err(error), None) => panic!("{}: {error}", self.name),
            (Err(error), Some(start)) => {
                assert!(error.to_string().starts_with(start), "{}: {error}", self.name);
                return;
            }
        };
        if let Some(lines) = self.gives {
            let found: Vec<_> = loaded.explain().iter().map(ToString::to_string).collect();
            assert_eq!(found, lines, "{}", self.name);
        }
        let warnings: Vec<_> = loaded.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(warnings.len(), self.warns.len(), "{}: {warnings:#?}", self.name);
        for (warning, start) in warnings.iter().zip(&self.warns) {
            assert!(warning.starts_with(start), "{}: {warning}", self.name);
        }
    }
}

/// What was loaded stands on its own: loaded again, it is the same.
pub(crate) fn same_again(loaded: &Loaded, name: &str) {
    let again = Loader::new(Environment::default()).config(loaded.tree.clone()).load();
    let again = again.unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(again.render(), loaded.render(), "{name}");
    let sections = |loaded: &Loaded| {
        let settings = &loaded.settings;
        format!("{:?} {:?} {:?} {:?}", settings.transport, settings.filters, settings.tags, settings.facets)
    };
    assert_eq!(sections(&again), sections(loaded), "{name}");
}

/// Checks each case; a failure names its own.
pub(crate) fn check(cases: impl IntoIterator<Item = Case>) {
    cases.into_iter().for_each(|case| case.check());
}
