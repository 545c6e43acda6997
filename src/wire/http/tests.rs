use super::*;

#[test]
fn a_request_is_three_lines_and_more() {
    let request = String::from_utf8(encode_request("example.org", "/a?b", &[]).unwrap()).unwrap();
    assert!(request.starts_with("GET /a?b HTTP/1.1\r\nHost: example.org\r\n"), "{request}");
    assert!(request.ends_with("\r\nConnection: close\r\n\r\n"), "{request}");
}

#[test]
fn nothing_in_a_url_can_end_a_line() {
    for (host, path) in
        [("a\r\nb", "/"), ("a", "/ HTTP/1.1\r\nX:"), ("", "/"), ("a", ""), ("a b", "/")]
    {
        assert!(encode_request(host, path, &[]).is_err(), "{host:?} {path:?}");
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

#[test]
fn a_request_may_say_more_and_nothing_that_ends_its_line() {
    let request = encode_request("h", "/", &[("Cookie", "a=b c".to_owned())]).unwrap();
    assert!(request.ends_with(b"\r\nCookie: a=b c\r\n\r\n"));
    assert!(encode_request("h", "/", &[("Cookie", "a\r\nX: y".to_owned())]).is_err());
}

/// What [`parse_response`] makes of it when it comes in one piece, and that each beginning of it is
/// taken for one.
fn whole(text: &str, is_end: bool) -> Result<Option<Response>, Error> {
    for length in 0..text.len() {
        let part = parse_response(&text.as_bytes()[..length], false);
        assert_eq!(part, Ok(None), "{length} of {text:?}");
    }
    parse_response(text.as_bytes(), is_end)
}

#[test]
fn a_body_is_as_long_as_the_server_says_or_lasts_until_the_end() {
    let ok = |body: &str| Ok(Some(Response { status: 200, body: body.as_bytes().to_vec() }));
    assert_eq!(whole("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nabc", false), ok("abc"));
    assert_eq!(whole("HTTP/1.0 200 OK\r\nServer: x\r\n\r\nabc", true), ok("abc"));
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
        3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n";
    assert_eq!(whole(chunked, false), ok("abc0123456789"));
}

#[test]
fn a_body_that_is_cut_off_or_too_long_is_an_error() {
    for text in [
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Le",
        "HTTP/1.1 2",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 16385\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffff\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
    ] {
        assert!(parse_response(text.as_bytes(), true).is_err(), "{text:?}");
    }
    let long = format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(RESPONSE_BYTES_MAX));
    assert_eq!(parse_response(long.as_bytes(), false), Err(Error::TooLarge));
}
