#!/usr/bin/env python3
"""Checks a file of audit rules against what auditctl accepts: python3 check_rules.py FILE...

It needs no kernel and no auditd. It knows the options, fields and operators of auditctl(8), and of the system calls those
that rules for containers are about; another name is refused so that a slip of the pen is noticed. What it cannot know is
whether a folder exists on a host. Ends with 1 if anything is wrong.
"""

import re
import sys

LISTS = {"exit", "exclude", "filesystem", "task", "user", "io_uring"}
SYSCALLS = set(
    "execve execveat connect bind listen accept accept4 sendto recvfrom socket socketcall open openat openat2 creat read "
    "readlink readlinkat rename renameat renameat2 unlink unlinkat link linkat symlink symlinkat mount umount2 ptrace "
    "process_vm_readv setns unshare kill init_module finit_module delete_module bpf memfd_create chmod fchmod "
    "fchmodat chown fchown fchownat truncate ftruncate all".split()
)
ONLY_32_BIT = {"socketcall"}
NUMBERS = {"a0", "a1", "a2", "a3", "pid", "ppid", "inode", "devmajor", "devminor", "pers", "sessionid", "saddr_fam"}
USERS = {"auid", "uid", "euid", "suid", "fsuid", "obj_uid", "gid", "egid", "sgid", "fsgid", "obj_gid"}
LABELS = {"subj_user", "subj_role", "subj_type", "subj_sen", "subj_clr", "obj_user", "obj_role", "obj_type"}
EQUAL_ONLY = {"path", "dir", "perm", "filetype", "key", "arch", "exe", "msgtype", "success"} | LABELS
FIELDS = NUMBERS | USERS | EQUAL_ONLY | {"exit"}
FILE_TYPES = {"file", "dir", "socket", "link", "character", "block", "fifo"}
SETTINGS = {"-b": 1 << 20, "-f": 2, "-e": 2, "-r": 1 << 20, "--backlog_wait_time": 1 << 30}  # option: highest value
ALONE = {"-D", "-i", "-c", "--loginuid-immutable", "--reset-lost"}
LONGEST_KEY = 31  # bytes; AUDIT_MAX_KEY_LEN leaves more, older auditctl does not
LONGEST_PATH = 4096
MOST_FIELDS = 64  # AUDIT_MAX_FIELDS


def check_path(value):
    if not value.startswith("/"):
        yield f"{value}: a path begins with /"
    if any(c in value for c in "*?["):
        yield f"{value}: the kernel knows no wildcards in paths"
    if len(value) > LONGEST_PATH or "//" in value or "/../" in value + "/":
        yield f"{value}: write the path without // and .."
    if value.startswith("/var/run/"):
        yield f"{value}: /var/run is a link, write /run"


def check_field(text):
    """One -F field operator value."""
    match = re.fullmatch(r"([a-z_0-9]+)(!=|<=|>=|&=|=|<|>|&)(.+)", text)
    if not match:
        yield f"-F {text}: not a field, an operator and a value"
        return
    field, operator, value = match.groups()
    if field not in FIELDS:
        yield f"-F {text}: no field {field}"
        return
    if field in EQUAL_ONLY and operator not in ("=", "!="):
        yield f"-F {text}: {field} knows only = and !="
    if field in ("path", "dir", "perm", "key", "filetype") and operator != "=":
        yield f"-F {text}: {field} knows only ="
    if field in ("path", "dir", "exe"):
        yield from check_path(value)
    elif field == "perm" and not (set(value) <= set("rwxa") and len(set(value)) == len(value)):
        yield f"-F {text}: a permission is of r, w, x and a"
    elif field == "key" and (len(value.encode()) > LONGEST_KEY or not re.fullmatch(r"[\w-]+", value)):
        yield f"-F {text}: a key has at most {LONGEST_KEY} letters, digits, _ and -"
    elif field == "arch" and value not in ("b64", "b32", "x86_64", "i386", "aarch64"):
        yield f"-F {text}: no such processor"
    elif field == "success" and value not in ("0", "1", "yes", "no"):
        yield f"-F {text}: success is 0 or 1"
    elif field == "filetype" and value not in FILE_TYPES:
        yield f"-F {text}: no such type of file"
    elif field == "exit" and not re.fullmatch(r"-?\d+|-?E[A-Z0-9]+", value):
        yield f"-F {text}: an exit code is a number or the name of an error"
    elif field == "msgtype" and not re.fullmatch(r"\d+|[A-Z_]+[A-Z0-9_]*", value):
        yield f"-F {text}: a type of record is a number or its name"
    elif field in NUMBERS and not re.fullmatch(r"-?\d+|0x[0-9a-fA-F]+", value):
        yield f"-F {text}: {field} is a number"
    elif field in USERS and not re.fullmatch(r"-1|\d+|unset|[a-z_][\w-]*", value):
        yield f"-F {text}: {field} is a number, a name, or unset"


def check_rule(words):
    """A rule: -a or -A list,action with what follows, or a watch -w."""
    options = words[::2]
    values = words[1::2]
    if len(options) != len(values):
        yield f"{words[-1]}: a value is missing"
        return
    rule = list(zip(options, values))
    kind, first = rule[0]
    fields = [value for option, value in rule if option == "-F"]
    names = [re.match(r"[a-z_0-9]*", field).group() for field in fields]
    syscalls = [name for option, value in rule if option == "-S" for name in value.split(",")]
    if kind == "-w":
        yield from check_path(first)
        for option, value in rule[1:]:
            if option not in ("-p", "-k"):
                yield f"{option} does not go with -w"
            yield from check_field(("perm=" if option == "-p" else "key=") + value)
        return
    parts = set(first.split(","))
    if len(parts & LISTS) != 1 or len(parts & {"always", "never"}) != 1 or len(parts) != 2:
        yield f"{kind} {first}: one of {', '.join(sorted(LISTS))} and one of always, never"
    for option, value in rule[1:]:
        if option == "-F":
            yield from check_field(value)
        elif option == "-k":
            yield from check_field("key=" + value)
        elif option not in ("-S", "-C"):
            yield f"{option}: no such option here"
    for name in syscalls:
        if name not in SYSCALLS and not name.isdigit():
            yield f"-S {name}: not a system call that this script knows"
    if len(fields) > MOST_FIELDS:
        yield f"more than {MOST_FIELDS} fields"
    if "exclude" in parts and (syscalls or set(names) - {"msgtype", "pid", "uid", "gid", "auid", "exe"}):
        yield "the list exclude takes no system calls, and of the fields msgtype, pid, uid, gid, auid and exe"
    if "exit" in parts and (syscalls or "perm" in names) and (not names or names[0] != "arch"):
        yield "-F arch= has to stand first, or the numbers of system calls are those of any processor"
    if ONLY_32_BIT & set(syscalls) and "arch=b64" in fields:
        yield "socketcall is none of 64 bit"
    if "always" in parts and "exit" in parts and "key" not in names and "-k" not in options:
        yield "a rule that records needs a key"
    if "dir" in names and "path" in names:
        yield "a rule has one of path and dir"


def check_line(line):
    words = line.split()
    if words[0] in ALONE:
        if len(words) > 1:
            yield f"{words[0]} stands alone"
    elif words[0] in SETTINGS:
        if len(words) != 2 or not words[1].isdigit() or int(words[1]) > SETTINGS[words[0]]:
            yield f"{words[0]} takes one number up to {SETTINGS[words[0]]}"
    elif words[0] in ("-a", "-A", "-w"):
        yield from check_rule(words)
    else:
        yield f"{words[0]}: no such option"


def check_file(path):
    """Yields (line number, complaint). Rules that are commented out are held to the same."""
    seen = {}
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            line = line.rstrip("\n")
            text = re.sub(r"^#(?=-\S)", "", line).strip()
            if not text or text.startswith("#"):
                continue
            if any(ord(c) > 126 for c in text):
                yield number, "only ASCII outside of comments"
            if text in seen and text.startswith("-"):
                yield number, f"the same as line {seen[text]}"
            seen[text] = number
            for complaint in check_line(text):
                yield number, complaint


def main(paths):
    wrong = 0
    for path in paths:
        rules = 0
        for number, complaint in check_file(path):
            print(f"{path}:{number}: {complaint}")
            wrong += 1
        with open(path, encoding="utf-8") as lines:
            rules = sum(line.startswith(("-a", "-A", "-w")) for line in lines)
        if rules == 0:
            print(f"{path}: no rules")
            wrong += 1
        print(f"{path}: {rules} rules, {wrong} complaints")
    return 1 if wrong or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
