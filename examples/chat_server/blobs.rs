//! What is in uploaded files: one file each, in a folder of their own.

use std::env::temp_dir;
use std::fs::{DirBuilder, read_dir, remove_dir_all, remove_file};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

use tokio::fs::{File, OpenOptions, rename};
use tokio::io::AsyncWriteExt;

use crate::ambient::secret;
use crate::options::Data;

/// The folder. Without a data folder it is one of the system's temporary ones, and goes with the server.
#[derive(Debug)]
pub(crate) struct Blobs {
    folder: PathBuf,
    is_temporary: bool,
}

/// A file that is being written. It is gone again unless it is kept.
#[derive(Debug)]
pub(crate) struct Arriving {
    file: File,
    /// How it begins, to see what it is.
    pub(crate) head: Vec<u8>,
    pub(crate) id: String,
    kept: bool,
    path: PathBuf,
    /// In bytes.
    pub(crate) size: i64,
}

impl Blobs {
    /// Opens the folder, makes it if it is not there, and clears away what a stop left half written.
    pub(crate) fn open(data: &Data) -> io::Result<Self> {
        let blobs = match data {
            Data::Folder(folder) => Self { folder: folder.join("files"), is_temporary: false },
            Data::Memory => {
                let name = format!("chat_server-{}", secret().map_err(io::Error::other)?);
                Self { folder: temp_dir().join(name), is_temporary: true }
            }
        };
        DirBuilder::new().recursive(true).mode(0o700).create(&blobs.folder)?;
        for entry in read_dir(&blobs.folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "part") {
                remove_file(path)?;
            }
        }
        Ok(blobs)
    }

    /// Begins a new file.
    pub(crate) async fn begin(&self) -> io::Result<Arriving> {
        let id = secret().map_err(io::Error::other)?;
        let path = self.folder.join(&id).with_extension("part");
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).await?;
        Ok(Arriving { file, head: Vec::new(), id, kept: false, path, size: 0 })
    }

    /// Opens a file that is in the table; the id is never one that a client sent.
    pub(crate) async fn open_file(&self, id: &str) -> io::Result<File> {
        File::open(self.folder.join(id)).await
    }
}

impl Drop for Blobs {
    fn drop(&mut self) {
        if self.is_temporary {
            let _ = remove_dir_all(&self.folder);
        }
    }
}

impl Arriving {
    /// Writes what came.
    pub(crate) async fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        let wanted = HEAD.saturating_sub(self.head.len());
        self.head.extend(chunk.iter().take(wanted));
        self.size = self.size.saturating_add(i64::try_from(chunk.len()).unwrap_or(i64::MAX));
        self.file.write_all(chunk).await
    }

    /// Says that all is there.
    pub(crate) async fn finish(&mut self) -> io::Result<()> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let whole = self.path.with_extension("");
        rename(&self.path, &whole).await?;
        self.path = whole;
        Ok(())
    }

    /// Lets it stay, once it is in the table.
    pub(crate) fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if !self.kept {
            let _ = remove_file(&self.path);
        }
    }
}

/// In bytes.
const HEAD: usize = 32;
