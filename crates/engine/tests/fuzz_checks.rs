//! The checks of the fuzz targets in `fuzz/checks` on seeds of the repository and on what comes of changing them: a fixed number of
//! inputs, the same each time, on the stable toolchain. The fuzzer goes on where this ends.

#[path = "../../../fuzz/checks/decompression.rs"]
mod decompression;
#[path = "../../../fuzz/checks/detection_yaml.rs"]
mod detection_yaml;
#[path = "../../../fuzz/checks/lookup_csv.rs"]
mod lookup_csv;
#[path = "../../../fuzz/checks/masking.rs"]
mod masking;
#[path = "../../../fuzz/checks/names_toml.rs"]
mod names_toml;
#[path = "../../../fuzz/checks/regular_expressions.rs"]
mod regular_expressions;
#[path = "../../../fuzz/checks/time_formats.rs"]
mod time_formats;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The longest part of a seed that is used, so that a run takes seconds.
const LONGEST: usize = 16 * 1024;

/// Bytes that mean something in one of the inputs.
const TELLING: &[&[u8]] = &[
    b"",
    b"\0",
    b"\n",
    b"\"",
    b"'",
    b"\\",
    b"[",
    b"(",
    b"(?<",
    b"{",
    b"}",
    b"$",
    b"%",
    b"*",
    b": ",
    b"- ",
    b"|",
    b"\xff",
    "é".as_bytes(),
];

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// The files of a folder, by name; it has to have some.
fn files(folder: &str) -> Vec<Vec<u8>> {
    let entries =
        fs::read_dir(repository(folder)).expect("a folder of seeds").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<PathBuf> = entries.filter(|path| path.is_file()).collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let mut seed = fs::read(path).expect("a seed");
        seed.truncate(LONGEST);
        seed
    };
    let seeds: Vec<Vec<u8>> = paths.iter().map(read).collect();
    assert!(!seeds.is_empty(), "{folder} has no seeds");
    seeds
}

/// A generator of numbers with a fixed start (xorshift), so that a failure comes again.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound.max(1) as u64).expect("less than the bound")
    }
}

/// The seed with one to four changes: a part left out, doubled or replaced, a byte changed, bytes that mean something put in.
fn changed(seed: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut input = seed.to_vec();
    for _ in 0..=numbers.below(4) {
        let start = numbers.below(input.len() + 1);
        let end = start + numbers.below((input.len() - start).min(64) + 1);
        let telling = TELLING[numbers.below(TELLING.len())];
        match numbers.below(5) {
            0 => drop(input.drain(start..end)),
            1 => {
                let part = input[start..end].to_vec();
                drop(input.splice(start..start, part));
            }
            2 => drop(input.splice(start..end, telling.iter().copied())),
            3 if start < input.len() => input[start] ^= 1 << numbers.below(8),
            _ => drop(input.splice(start..start, telling.iter().copied())),
        }
    }
    input
}

/// Runs a check on all seeds and on `changes` inputs made of them.
fn run(check: fn(&[u8]), seeds: &[Vec<u8>], changes: usize) {
    for seed in seeds {
        check(seed);
    }
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for number in 0..changes {
        let input = changed(&seeds[number % seeds.len()], &mut numbers);
        let ended = std::panic::catch_unwind(|| check(&input));
        assert!(ended.is_ok(), "input {number}: {:?}", String::from_utf8_lossy(&input));
    }
}

#[test]
fn detections_of_any_text_are_read_or_refused() {
    let seeds = [files("content/detections/endpoint"), files("content/detections/cloud")].concat();
    run(detection_yaml::check, &seeds, 4000);
}

#[test]
fn lookup_tables_of_any_text_are_read_or_refused() {
    let mut seeds = files("content/lookups");
    seeds.push(b"detection,user,dest,user_agent,namespace,command,src,reason,owner,expires\n\"a, b\",u,*,*,*,*,10.0.0.0/8,r,o,2027-01-31\n".to_vec());
    run(lookup_csv::check, &seeds, 1500);
}

#[test]
fn names_of_any_text_are_added_or_refused() {
    let seeds = [
        &b"[auditd]\nindex = \"os\"\nsourcetype = \"acme:audit\"\nindex_aliases = [\"main\"]\nsourcetype_aliases = [\"acme:old\"]\n"[..],
        b"[kube_audit]\nsourcetype = \"\"\n",
        b"[json_lines]\nindex_aliases = []\n",
    ];
    run(names_toml::check, &seeds.map(<[u8]>::to_vec), 10_000);
}

#[test]
fn patterns_of_any_text_work_or_are_refused() {
    let seeds = [
        r"^(?:\S*/)?etcd(?:ctl|utl)\s(?:.*\s)?snapshot\s+(?:save|restore)\b",
        r"(?i)(?<word>[[:alpha:]]+)\h*=\h*(?P<value>\d+|'[^']*')(?=\s|\Z)",
        r"(?<!-)\b(token|pass(?:word)?)\b(?!\w)(\1)?+\Q.*\E\x{41}\R",
        r"\p{L}{2,5}[^\W_]++(?#comment)(?x: a b # c)",
    ];
    run(regular_expressions::check, &seeds.map(|pattern| pattern.as_bytes().to_vec()), 6000);
}

#[test]
fn any_text_is_masked() {
    let seeds = [files("corpus/synthetic/auditd"), files("corpus/synthetic/kube_audit")].concat();
    let lines = seeds
        .iter()
        .flat_map(|log| log.split(|byte| *byte == b'\n'))
        .map(<[u8]>::to_vec)
        .filter(|line| !line.is_empty());
    run(masking::check, &lines.collect::<Vec<_>>(), 20_000);
}

#[test]
fn times_in_any_format_are_written_and_read() {
    let formats = [
        "%Y-%m-%dT%H:%M:%S.%6N%:z",
        "%a %d %b %Y %I:%M:%S %p %Z",
        "%s.%Q %j %U %e %k %%",
        "%F %T %z",
        "%c %x %X %+ %Ey %3N",
    ];
    let seed = |format: &str| {
        [&1_795_401_376_880_000_i64.to_le_bytes()[..], format.as_bytes(), b"\n2026-11-23 16:03:49.5 +0200"].concat()
    };
    run(time_formats::check, &formats.map(seed), 20_000);
}

#[test]
fn files_of_any_bytes_are_read_as_far_as_they_go() {
    let log = fs::read(repository("corpus/auditd/t1_kubectl_list_secrets.log")).expect("a log");
    let log = &log[..log.len().min(LONGEST)];
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(log).expect("compressed");
    let zstd = zstd::encode_all(log, 1).expect("compressed");
    run(decompression::check, &[gzip.finish().expect("compressed"), zstd, log.to_vec()], 4000);
}
