//! Recognises the lines of klog, the text log of Kubernetes' own programs. Where the API server writes its audit log
//! to its output, they stand between the events.

/// Whether a line begins as klog's do: `I1123 17:13:00.000000       1 server.go:123] text`, perhaps after the words
/// (a time, a stream) that a container runtime or CloudWatch puts before it.
pub(super) fn is_klog(line: &[u8]) -> bool {
    let mut rest = line;
    for _ in 0..4 {
        if has_header(rest) {
            return true;
        }
        let Some(word) = memchr::memchr2(b' ', b'\t', rest.get(..128.min(rest.len())).unwrap_or_default()) else {
            return false;
        };
        rest = rest[word..].trim_ascii_start();
    }
    false
}

fn has_header(line: &[u8]) -> bool {
    let Some((head, rest)) = line.split_at_checked(b"I1123 17:13:00.000000".len()) else {
        return false;
    };
    let shape = b"I0000 00:00:00.000000";
    let fits = head.iter().zip(shape).all(|(byte, shape)| match shape {
        b'I' => matches!(byte, b'I' | b'W' | b'E' | b'F'),
        b'0' => byte.is_ascii_digit(),
        _ => byte == shape,
    });
    // The thread, the file and its line.
    let rest = &rest[..rest.len().min(256)];
    fits && memchr::memchr(b']', rest).is_some_and(|end| rest[..end].contains(&b':'))
}

#[cfg(test)]
mod tests {
    use super::is_klog;

    #[test]
    fn recognises() {
        for line in [
            "I1123 17:13:00.000000       1 server.go:123] Version: v1.34.4",
            "W0517 15:08:22.763960   12345 dispatcher.go:217] Failed calling webhook",
            "2023-05-17T15:08:22.763Z kube-apiserver-0123 E0517 15:08:22.763960 1 a.go:1] x",
            "2023-05-17T15:08:22.763960000Z stderr F I0517 15:08:22.763960       1 a.go:1] x",
        ] {
            assert!(is_klog(line.as_bytes()), "{line}");
        }
        for line in [
            "",
            "I1123",
            "I1123 17:13:00.000000 server started",
            "X1123 17:13:00.000000 1 a.go:1] x",
            "Flag --insecure-port has been deprecated",
            "a b c d e I1123 17:13:00.000000 1 a.go:1] x",
        ] {
            assert!(!is_klog(line.as_bytes()), "{line}");
        }
    }
}
