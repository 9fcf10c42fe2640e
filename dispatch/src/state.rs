//! The state folder: the kill switch, and who is alive.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use fs4::FileExt;
use uuid::Uuid;

use crate::Refused;

const KILL: &str = "kill";
/// Says that the kill switch of the folder above holds here too.
const ONE_OF_SEVERAL: &str = "one-of-several";
const RUNNING: &str = "running";
const NO_POLICY_NOTED: &str = "no-policy-noted";
/// How much of a reason is kept, in characters.
const REASON_CHARS_MAX: usize = 200;

/// The folder that holds what survives a restart.
#[derive(Debug)]
pub(crate) struct State {
    folder: PathBuf,
    /// The folder above, where its kill switch holds here too.
    above: Option<PathBuf>,
}

impl State {
    /// Opens the folder; it is made, for this user alone, where it is missing.
    pub(crate) fn open(folder: &Path) -> Result<Self, Refused> {
        let running = folder.join(RUNNING);
        let made = private_folder(folder).and_then(|()| private_folder(&running));
        made.map_err(at(&running))?;
        refuse_links(folder)?;
        let is_one_of_several = folder.join(ONE_OF_SEVERAL).exists();
        Ok(Self {
            above: is_one_of_several.then(|| above(folder)).flatten(),
            folder: folder.to_owned(),
        })
    }

    /// Opens the folder, perhaps of one of several accounts: then the kill switch of the folder above holds for all of
    /// them, also for whoever opens only this one later.
    pub(crate) fn open_as(folder: &Path, is_one_of_several: bool) -> Result<Self, Refused> {
        let mut state = Self::open(folder)?;
        if is_one_of_several {
            let mark = state.path(ONE_OF_SEVERAL);
            make_private(&mark).map_err(at(&mark))?;
            state.above = above(folder);
        }
        Ok(state)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Why the kill switch is on, if it is. Where the folder cannot be read, it is: an order would be the worse mistake.
    pub(crate) fn killed(&self) -> Option<String> {
        let above = || killed(self.above.as_deref()?);
        killed(&self.folder).or_else(above)
    }

    /// Turns the kill switch on; durable when it returns.
    pub(crate) fn kill(&self, reason: &str) -> Result<(), Refused> {
        let path = self.path(KILL);
        let write = || {
            let mut file = File::create(&path)?;
            file.write_all(shown(reason).as_bytes())?;
            file.sync_all()?;
            sync_folder(&self.folder)
        };
        write().map_err(at(&path))
    }

    /// Turns the kill switch off.
    pub(crate) fn revive(&self) -> Result<(), Refused> {
        let path = self.path(KILL);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(&path)(error)),
            _ => Ok(()),
        }
    }

    /// Whether it is yet to be noted that there is no policy. The folder remembers that it was.
    pub(crate) fn notes_no_policy(&self) -> bool {
        let noted = File::create_new(self.path(NO_POLICY_NOTED));
        !noted.is_err_and(|error| error.kind() == io::ErrorKind::AlreadyExists)
    }

    /// There is a policy: where it is missing another time, that is noted again.
    pub(crate) fn has_policy(&self) {
        let _ = fs::remove_file(self.path(NO_POLICY_NOTED));
    }

    /// Enters this process's part among the living.
    pub(crate) fn enter(&self) -> Result<Instance, Refused> {
        let id = Uuid::now_v7().simple().to_string();
        let path = self.folder.join(RUNNING).join(&id);
        let file = File::create_new(&path).map_err(at(&path))?;
        FileExt::try_lock(&file).map_err(|error| at(&path)(io::Error::from(error)))?;
        Ok(Instance {
            id,
            path,
            _lock: file,
        })
    }

    /// What became of an instance.
    pub(crate) fn whereabouts(&self, id: &str) -> Whereabouts {
        let is_ours = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        let path = self.folder.join(RUNNING).join(id);
        let Some(file) = is_ours.then(|| File::open(&path).ok()).flatten() else {
            return Whereabouts::Elsewhere;
        };
        match FileExt::try_lock(&file) {
            Ok(()) => Whereabouts::Dead(Instance {
                id: id.to_owned(),
                path,
                _lock: file,
            }),
            Err(_) => Whereabouts::Alive,
        }
    }

    /// How many programs use the folder now, as one of several accounts included.
    pub(crate) fn running(&self) -> usize {
        let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
        let is_account = |folder: &PathBuf| folder.join(ONE_OF_SEVERAL).exists();
        let accounts = entries(&self.folder)
            .map(|entry| entry.path())
            .filter(is_account);
        let folders = accounts.chain([self.folder.clone()]);
        let counted = folders.map(|folder| {
            let state = Self {
                folder,
                above: None,
            };
            let ids = entries(&state.path(RUNNING)).map(|entry| entry.file_name());
            let is_alive = |id: &OsString| {
                matches!(state.whereabouts(&id.to_string_lossy()), Whereabouts::Alive)
            };
            ids.filter(is_alive).count()
        });
        counted.sum()
    }

    /// Takes away what dead instances left, but those that `keep` names.
    pub(crate) fn tidy(&self, keep: &[String]) {
        let Ok(entries) = fs::read_dir(self.folder.join(RUNNING)) else {
            return;
        };
        for entry in entries.flatten() {
            let id = entry.file_name().to_string_lossy().into_owned();
            if !keep.contains(&id)
                && let Whereabouts::Dead(instance) = self.whereabouts(&id)
            {
                instance.leave();
            }
        }
    }
}

fn above(folder: &Path) -> Option<PathBuf> {
    let folder = std::path::absolute(folder).ok()?;
    folder.parent().map(Path::to_owned)
}

fn killed(folder: &Path) -> Option<String> {
    match fs::read(folder.join(KILL)) {
        Ok(bytes) => Some(shown(&String::from_utf8_lossy(&bytes))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => Some(format!("its file cannot be read: {error}")),
    }
}

/// What became of the instance that began an intent.
#[derive(Debug)]
pub(crate) enum Whereabouts {
    /// It runs; what it began is its own.
    Alive,
    /// It is gone for certain. As long as this is held, nobody else takes over from it.
    Dead(Instance),
    /// It used another state folder, perhaps on another computer.
    Elsewhere,
}

/// One living instance: it holds the lock on its file for as long as it lives.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) id: String,
    path: PathBuf,
    _lock: File,
}

impl Instance {
    /// Takes the file away. One that stays behind is found unlocked by the next instance.
    pub(crate) fn leave(&self) {
        let _ = fs::remove_file(&self.path);
    }
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> Refused {
    let path = path.to_owned();
    move |source| Refused::State { path, source }
}

/// A link of another user would make this one write, or take permissions from, a file of that user's choice.
#[cfg(unix)]
fn refuse_links(folder: &Path) -> Result<(), Refused> {
    use std::os::unix::fs::MetadataExt as _;
    let owner = fs::metadata(folder).map_err(at(folder))?.uid();
    let entries = fs::read_dir(folder).map_err(at(folder))?;
    for entry in entries.flatten() {
        let is_of_another =
            |metadata: fs::Metadata| metadata.is_symlink() && ![owner, 0].contains(&metadata.uid());
        if entry.metadata().is_ok_and(is_of_another) {
            let why = io::Error::other("a symbolic link of another user");
            return Err(at(&entry.path())(why));
        }
    }
    Ok(())
}

#[cfg(not(unix))]
fn refuse_links(_: &Path) -> Result<(), Refused> {
    Ok(())
}

/// One line, bounded, without control characters: reasons are shown to people and programs.
fn shown(reason: &str) -> String {
    let plain = reason
        .trim()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c });
    let text: String = plain.take(REASON_CHARS_MAX).collect();
    if text.is_empty() {
        "no reason given".to_owned()
    } else {
        text
    }
}

/// Makes a folder for this user alone, with those above it, where it is missing.
///
/// # Errors
/// What the file system says.
#[cfg(unix)]
pub fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

/// Makes a folder, with those above it, where it is missing; whose it is says the platform.
///
/// # Errors
/// What the file system says.
#[cfg(not(unix))]
pub fn private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Options that make a file for this user alone, whatever its folder allows.
#[must_use]
pub fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes an empty file, or takes the permissions of others from the one that is there. What is no file, such as a
/// device, stays as it is.
///
/// # Errors
/// What the file system says.
pub fn make_private(path: &Path) -> io::Result<()> {
    // To close a file would take the locks that this process has on it.
    if is_private(path) {
        return Ok(());
    }
    let file = private_file().create(true).append(true).open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = file.metadata()?;
        let mut permissions = metadata.permissions();
        if metadata.is_file() && permissions.mode() & 0o077 != 0 {
            permissions.set_mode(0o600);
            file.set_permissions(permissions)?;
        }
    }
    drop(file);
    Ok(())
}

#[cfg(unix)]
fn is_private(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::metadata(path);
    metadata.is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o277 == 0o200)
}

#[cfg(not(unix))]
fn is_private(_: &Path) -> bool {
    false
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}
