//! Which files are opened, and why others are not.

use super::*;

fn user_version(path: &Path) -> i64 {
    let connection = Connection::open(path).unwrap();
    connection.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
}

fn set_user_version(path: &Path, version: i64) {
    Connection::open(path).unwrap().pragma_update(None, "user_version", version).unwrap();
}

#[tokio::test]
async fn a_file_is_made_used_closed_and_opened_again() {
    let folder = Folder::new();
    let path = folder.file("a.db");
    let storage = SqliteStorage::open(&path, fast()).unwrap();
    assert!(storage.is_durable());
    assert_eq!(storage.commit(vec![create("one", "1")]).await.unwrap(), Committed::Applied);
    drop(storage);
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "the log is folded in and gone");
    let storage = SqliteStorage::open(&path, SqliteOptions::default()).unwrap();
    assert_eq!(body(&storage, "one").await.as_deref(), Some("1"));
}

#[test]
fn the_options_reach_every_connection() {
    let folder = Folder::new();
    let cases = [(Synchronous::Full, 2), (Synchronous::Normal, 1)];
    for (synchronous, want) in cases {
        let options = SqliteOptions::default().with_synchronous(synchronous);
        let storage = SqliteStorage::open(folder.file("a.db"), options).unwrap();
        let writer = Connection::open(folder.file("a.db")).unwrap();
        options.prepare_writer(&writer).unwrap();
        let level: i64 = writer.query_row("PRAGMA synchronous", [], |row| row.get(0)).unwrap();
        let mode: String = writer.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
        assert_eq!((level, mode.as_str()), (want, "wal"), "{synchronous:?}");
        let wrote = storage.read(|connection| {
            connection.execute("DELETE FROM jackfield_records", [])?;
            Ok::<_, StorageError>(())
        });
        assert!(wrote.is_err(), "a reader wrote");
    }
}

#[test]
fn the_hosts_steps_run_once_and_only_forward() {
    const ONE: &[&str] = &["CREATE TABLE posts (id INTEGER PRIMARY KEY)"];
    const TWO: &[&str] =
        &["CREATE TABLE posts (id INTEGER PRIMARY KEY)", "ALTER TABLE posts ADD COLUMN message TEXT; SELECT 1"];
    let folder = Folder::new();
    let path = folder.file("a.db");
    let open = |steps| SqliteStorage::open(&path, fast().with_migrations(steps)).map(drop);
    open(&[]).unwrap();
    assert_eq!(user_version(&path), 1);
    open(ONE).unwrap();
    open(ONE).unwrap();
    assert_eq!(user_version(&path), 1 | 1 << 16);
    open(TWO).unwrap();
    assert_eq!(user_version(&path), 1 | 2 << 16);
    let error = open(ONE).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 2, known: 1, of_host: true, .. }), "{error}");
}

#[test]
fn a_step_that_fails_undoes_all_steps_of_the_opening() {
    const STEPS: &[&str] = &["CREATE TABLE posts (id INTEGER)", "CREATE TABLE posts (id INTEGER)"];
    let folder = Folder::new();
    let path = folder.file("a.db");
    let error = SqliteStorage::open(&path, fast().with_migrations(STEPS)).unwrap_err();
    assert!(matches!(error, OpenError::HostMigration { step: 2, .. }), "{error}");
    assert_eq!(user_version(&path), 0);
    let tables: i64 =
        Connection::open(&path).unwrap().query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
    assert_eq!(tables, 0);
}

#[test]
fn a_file_of_a_newer_release_is_refused() {
    let folder = Folder::new();
    let path = folder.file("a.db");
    SqliteStorage::open(&path, fast()).unwrap();
    set_user_version(&path, 99);
    let error = SqliteStorage::open(&path, fast()).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 99, known: 1, of_host: false, .. }), "{error}");
    assert!(error.to_string().ends_with("was written by a newer release: it has migration 99, where this one knows 1"));
    assert_eq!(user_version(&path), 99);
}

#[test]
fn a_file_whose_version_belongs_to_somebody_else_is_refused() {
    let folder = Folder::new();
    let path = folder.file("a.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE mine (id INTEGER)").unwrap();
    set_user_version(&path, 7);
    let error = SqliteStorage::open(&path, fast()).unwrap_err();
    assert!(matches!(error, OpenError::Foreign { version: 7, .. }), "{error}");
    set_user_version(&path, 0);
    SqliteStorage::open(&path, fast()).unwrap();
}

#[test]
fn a_place_that_cannot_be_written_is_refused() {
    let folder = Folder::new();
    fs::write(folder.file("file"), "no folder").unwrap();
    // A folder where the log should be keeps everybody from writing it, even an administrator.
    drop(SqliteStorage::open(folder.file("a.db"), fast()).unwrap());
    fs::create_dir(folder.file("a.db-wal")).unwrap();
    let cases = [
        ("below a file", folder.file("file").join("a.db")),
        ("in a folder that is not there", folder.file("nowhere").join("a.db")),
        ("a folder", folder.0.clone()),
        ("without a log", folder.file("a.db")),
    ];
    for (name, path) in cases {
        let error = SqliteStorage::open(path, fast()).unwrap_err();
        assert!(matches!(error, OpenError::Unwritable { .. }), "{name}: {error}");
    }
}

#[test]
fn damage_is_told_from_everything_else() {
    let folder = Folder::new();
    let path = folder.file("a.db");
    drop(SqliteStorage::open(&path, fast()).unwrap());
    let sound = fs::read(&path).unwrap();
    let page = 4096;
    let mut no_database = sound.clone();
    no_database[..16].fill(b'x');
    let mut no_schema = sound.clone();
    no_schema[100..200].fill(0xAA);
    let mut no_tables = sound.clone();
    no_tables[page..2 * page].fill(0xAA);
    let cases = [
        ("a text", b"Dear diary, ".repeat(100)),
        ("no header", no_database),
        ("a broken schema", no_schema),
        ("a broken table", no_tables),
        ("half a file", sound[..page + 100].to_vec()),
    ];
    for (name, bytes) in cases {
        fs::write(&path, &bytes).unwrap();
        let error = SqliteStorage::open(&path, fast()).unwrap_err();
        assert!(matches!(error, OpenError::Corrupt { .. }), "{name}: {error}");
        assert_eq!(fs::read(&path).unwrap(), bytes, "{name}: the file was touched");
    }
}

#[test]
fn a_file_that_another_process_holds_is_unavailable() {
    let folder = Folder::new();
    let path = folder.file("a.db");
    drop(SqliteStorage::open(&path, fast()).unwrap());
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut options = fast();
    options.busy_timeout = std::time::Duration::from_millis(1);
    let error = SqliteStorage::open(&path, options).unwrap_err();
    assert!(matches!(error, OpenError::Unavailable { .. }), "{error}");
}
