//! What is found behind paths.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::thread;

use super::*;
use crate::compression::Compression;

fn sources(files: &Files, inputs: &Inputs) -> Vec<String> {
    inputs.files().iter().map(|file| files.relative(&file.source).to_owned()).collect()
}

#[test]
fn a_directory_gives_its_logs_in_order_of_names_and_age() {
    let files = Files::new();
    for name in ["b.log", "a/audit.log", "a/audit.log.1", "a/audit.log.2.gz", "a/audit.log.10", "c/d/e.log"] {
        files.add(name, "a=1\n");
    }
    files.add(".hidden/x.log", "a=1\n");
    files.add("a/.swp", "a=1\n");
    files.add("a/empty.log", "");
    files.add("a/picture", [0x89, b'P', b'N', b'G', 0, 0, b'=']);
    files.add("a/README", "no log\n");
    let inputs = inputs(&[&files.root()]);
    let expected = ["a/audit.log.10", "a/audit.log.2.gz", "a/audit.log.1", "a/audit.log", "b.log", "c/d/e.log"];
    assert_eq!(sources(&files, &inputs), expected);
    assert_eq!((inputs.skipped(), inputs.empty()), (4, 1));
}

#[test]
fn a_rotated_set_is_put_in_order_however_it_is_named() {
    let files = Files::new();
    let paths: Vec<String> =
        ["audit.log", "other.log", "audit.log.1", "audit.log-20261123"].map(|name| files.add(name, "a=1\n")).into();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let inputs = inputs(&paths);
    assert_eq!(sources(&files, &inputs), ["audit.log-20261123", "audit.log.1", "audit.log", "other.log"]);
    let seq: Vec<u64> = rows(&inputs, &request(&[]), &[]).0.iter().map(|row| row[0].parse().unwrap()).collect();
    assert_eq!(seq, [0, 1 << 44, 2 << 44, 3 << 44]);
}

#[test]
fn the_same_file_is_read_once() {
    let files = Files::new();
    let path = files.add("a.log", "a=1\n");
    link(&files.path("a.log"), &files.path("link.log"));
    link(files.0.path(), &files.path("loop"));
    let (inputs, errors) = list(&[&path, &path, &files.root(), &format!("{}/./a.log", files.root())]);
    assert_eq!(errors, [""; 0]);
    assert_eq!(sources(&files, &inputs), ["a.log"]);
}

#[test]
fn faults_name_the_input_and_the_others_are_searched() {
    let files = Files::new();
    let log = files.add("a.log", "a=1\n");
    let text = files.add("README", "nothing here\n");
    let xz = files.add("b.xz", b"\xfd7zXZ\0\0");
    let broken = files.add("c.gz", [&gzip(b"a=1\n")[..12], b"broken"].concat());
    link(&files.path("nowhere"), &files.path("dangling"));
    let dangling = files.path("dangling");
    let paths = [&log, "/no/such", "/no/*.log", "a[", &text, &xz, &broken, dangling.to_str().unwrap()];
    let (inputs, errors) = list(&paths);
    assert_eq!(sources(&files, &inputs), ["a.log"]);
    let expected = [
        "/no/such: no such file or directory; check the path".to_owned(),
        "/no/*.log: no file matches; ".to_owned(),
        "a[: not a valid glob: ".to_owned(),
        format!("{}: no such file", dangling.display()),
        format!("{text}: not a log that Dogwatch knows (known are pairs, json_lines); "),
        format!("{xz}: compressed with xz, which Dogwatch does not read; "),
        format!("{broken}: damaged gzip data: "),
    ];
    assert_eq!(errors.len(), expected.len(), "{errors:#?}");
    for (error, expected) in errors.iter().zip(expected) {
        assert!(error.starts_with(&expected), "{error}");
    }
}

#[test]
fn a_file_without_permission_is_an_error() {
    let files = Files::new();
    let log = files.add("a.log", "a=1\n");
    let secret = files.add("secret.log", "a=1\n");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o000)).unwrap();
    let (inputs, errors) = list(&[&log, &secret]);
    if is_root() {
        // Nothing is forbidden to root.
        assert_eq!(inputs.files().len(), 2);
    } else {
        assert_eq!(inputs.files().len(), 1);
        assert!(errors[0].starts_with(&format!("{secret}: cannot be read: ")), "{errors:?}");
    }
}

#[test]
fn globs_fit_files_and_directories() {
    let files = Files::new();
    for name in ["x/a.log", "x/b.log", "x/.c.log", "y/d.log", "y/notes.txt"] {
        files.add(name, if name.ends_with("txt") { "text\n" } else { "a=1\n" });
    }
    let inputs = inputs(&[&format!("{}/*/*.log", files.root()), &format!("{}/y*", files.root())]);
    assert_eq!(sources(&files, &inputs), ["x/a.log", "x/b.log", "y/d.log"]);
    assert_eq!(inputs.skipped(), 1);
}

#[test]
fn a_file_whose_name_looks_like_a_glob_is_a_file() {
    let files = Files::new();
    let path = files.add("a[1].log", "a=1\n");
    assert_eq!(sources(&files, &inputs(&[&path])), ["a[1].log"]);
}

#[test]
fn standard_input_can_be_read_again_and_again() {
    for content in [b"a=1\na=2\n".to_vec(), gzip(b"a=1\na=2\n"), zstd(b"a=1\na=2\n")] {
        let paths = ["-".to_owned(), "-".to_owned()];
        let (inputs, errors) = Inputs::list_with(&paths, &options(), &mut &content[..]);
        assert!(errors.is_empty());
        let inputs = Arc::new(inputs);
        assert_eq!(inputs.files().len(), 1);
        assert_eq!(inputs.files()[0].source, "stdin");
        for _ in 0..2 {
            assert_eq!(column(&inputs, "a"), ["1", "2"]);
        }
    }
}

#[test]
fn a_pipe_is_read_if_it_is_named() {
    let files = Files::new();
    let pipe = files.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let passed_over = inputs(&[&files.root()]);
    assert_eq!((passed_over.files().len(), passed_over.skipped()), (0, 1));
    let writer = thread::spawn({
        let pipe = pipe.clone();
        move || fs::write(pipe, "a=1\na=2\n").unwrap()
    });
    let inputs = inputs(&[pipe.to_str().unwrap()]);
    writer.join().unwrap();
    assert_eq!(column(&inputs, "a"), ["1", "2"]);
    assert_eq!(column(&inputs, "source"), [pipe.to_str().unwrap(); 2]);
}

#[test]
fn names_come_from_the_format_or_from_the_user() {
    let files = Files::new();
    let path = files.add("x.log", "j=1 a=2\n");
    let with = |change: &dyn Fn(&mut InputOptions)| {
        let mut options = options();
        change(&mut options);
        let (inputs, errors) = Inputs::list_with(std::slice::from_ref(&path), &options, &mut &b""[..]);
        assert!(errors.is_empty());
        let file = &inputs.files()[0];
        [file.format.name(), &file.host, &file.sourcetype, &file.index].map(str::to_owned)
    };
    assert_eq!(with(&|_| {}), ["json_lines", "unknown", "_json", "json"]);
    let given = with(&|options| {
        options.sourcetype = Some("Pairs:Old".into());
        options.host = Some("web1".into());
        options.index = Some("web".into());
    });
    assert_eq!(given, ["pairs", "web1", "Pairs:Old", "web"]);
    assert_eq!(with(&|options| options.sourcetype = Some("nginx".into()))[..3], ["json_lines", "unknown", "nginx"]);
    let named = with(&|options| {
        options.names.merge("[json_lines]\nindex = 'app'\n", Path::new("names.toml")).unwrap();
    });
    assert_eq!(named, ["json_lines", "unknown", "_json", "app"]);
}

#[test]
fn compression_is_recognised_by_content() {
    let files = Files::new();
    let members = [gzip(b"a=1\n"), gzip(b"a=2\n")].concat();
    let frames = [zstd(b"a=1\n"), zstd(b"a=2\n")].concat();
    for (name, content, compression) in [
        ("plain.gz", b"a=1\na=2\n".to_vec(), Compression::None),
        ("gzip.log", members, Compression::Gzip),
        ("zstd", frames, Compression::Zstd),
    ] {
        let inputs = inputs(&[&files.add(name, content)]);
        assert_eq!(inputs.files()[0].compression, compression);
        assert_eq!(column(&inputs, "a"), ["1", "2"], "{name}");
    }
}
