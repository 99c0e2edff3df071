//! A directory of settings that lasts as long as a test.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot be set up should fail where it stands"
)]

use std::fs;
use std::path::PathBuf;

use cloudfarm::settings::{
    CloudEntry, CloudSettings, Environment, Loaded, Problems, Settings, Sources,
};
use cloudfarm_contract::{Error, ErrorKind};
use tempfile::TempDir;

use crate::engine::find;

pub(crate) struct Room {
    dir: TempDir,
    variables: Vec<(String, String)>,
    farm: Option<PathBuf>,
}

impl Room {
    /// A directory with this farm file in it.
    pub(crate) fn with_farm(file: &str, text: &str) -> Self {
        let mut room = Self::empty().file(file, text);
        room.farm = Some(room.dir.path().join(file));
        room
    }

    pub(crate) fn empty() -> Self {
        Self {
            dir: TempDir::new().unwrap(),
            variables: Vec::new(),
            farm: None,
        }
    }

    pub(crate) fn file(self, name: &str, text: &str) -> Self {
        fs::write(self.dir.path().join(name), text).unwrap();
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn sources(&self) -> Sources {
        Sources::built_in(Environment::of(self.variables.clone()))
            .with_directory(Some(self.dir.path().to_owned()))
            .with_farm(self.farm.clone())
    }

    pub(crate) fn load(&self) -> Result<Loaded, Problems> {
        Loaded::load(self.sources(), &find)
    }

    /// The settings of the server, or the problems as one text without the directory.
    pub(crate) fn settings(&self) -> Result<Settings, String> {
        Settings::load(&self.sources()).map_err(|problems| self.shorten(&problems))
    }

    /// The problems of the clouds, or what stops the start, one per line and without the directory.
    pub(crate) fn problems(&self) -> String {
        match self.load() {
            Ok(loaded) => self.shorten(&loaded.problems),
            Err(problems) => self.shorten(&problems),
        }
    }

    pub(crate) fn entry(&self, name: &str) -> CloudEntry {
        let farm = self.load().unwrap().farm;
        let mut clouds = farm.clouds.into_iter();
        clouds.find(|cloud| cloud.name == *name).unwrap()
    }

    /// The settings of a cloud that can be used.
    pub(crate) fn cloud(&self, name: &str) -> CloudSettings {
        self.entry(name).settings.unwrap()
    }

    /// The password of a cloud that can be used.
    pub(crate) fn password(&self, name: &str) -> String {
        let password = self.cloud(name).password.unwrap();
        password.expose().to_owned()
    }

    /// The error of a cloud that cannot be used.
    pub(crate) fn error(&self, name: &str) -> Error {
        let error = self.entry(name).settings.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Invalid);
        error
    }

    pub(crate) fn shorten(&self, text: &impl ToString) -> String {
        let directory = format!("{}/", self.dir.path().display());
        text.to_string().replace(&directory, "")
    }
}
