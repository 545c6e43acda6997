use super::*;

#[test]
fn a_request_is_three_lines_and_more() {
    let request = String::from_utf8(encode_request("example.org", "/a?b").unwrap()).unwrap();
    assert!(request.starts_with("GET /a?b HTTP/1.1\r\nHost: example.org\r\n"), "{request}");
    assert!(request.ends_with("\r\nConnection: close\r\n\r\n"), "{request}");
}

#[test]
fn nothing_in_a_url_can_end_a_line() {
    for (host, path) in
        [("a\r\nb", "/"), ("a", "/ HTTP/1.1\r\nX:"), ("", "/"), ("a", ""), ("a b", "/")]
    {
        assert!(encode_request(host, path).is_err(), "{host:?} {path:?}");
    }
}

#[test]
fn a_status_line_is_read_when_it_is_whole() {
    // The first of Python's http.server, the second of uhttpd, the third without a reason phrase.
    for (head, status) in [
        ("HTTP/1.0 200 OK\r\nServer: SimpleHTTP/0.6 Python/3.11.2\r\n", 200),
        ("HTTP/1.1 302 Found\r\nConnection: close\r\n", 302),
        ("HTTP/1.1 204\r\n", 204),
        ("HTTP/1.1 404 Not Found\n", 404),
    ] {
        let line = head.find('\n').unwrap();
        assert_eq!(parse_status(head.as_bytes()), Ok(Some(status)));
        for length in 0..=line {
            assert_eq!(parse_status(&head.as_bytes()[..length]), Ok(None), "{length}");
        }
    }
}

#[test]
fn what_is_no_status_line_is_an_error() {
    for head in [
        "SSH-2.0-OpenSSH_9.2p1\r\n",
        "HTTP/2 200 OK\r\n",
        "HTTP/1.1\r\n",
        "HTTP/1.1 2000 OK\r\n",
        "HTTP/1.1 099 OK\r\n",
        "HTTP/1.1 +20 OK\r\n",
        "HTTP/1.x 200 OK\r\n",
        "\n",
    ] {
        assert!(parse_status(head.as_bytes()).is_err(), "{head:?}");
    }
    assert!(parse_status(&[b'H'; STATUS_LINE_BYTES_MAX]).is_err());
    assert!(parse_status(b"\xff\xff\n").is_err());
}
