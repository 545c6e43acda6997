//! QMUX frames: alone, and out of a stream in pieces.

use super::source::Source;
use ltewan::wire::qmux::{Decoder, RawMessage};

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(message) = RawMessage::decode(bytes) {
        assert_eq!(message.encode().as_deref(), Ok(bytes));
    }
    let mut source = Source::new(bytes);
    let size = 1 + usize::from(source.byte());
    let stream = source.rest();
    let (mut cut, mut whole) = (Decoder::new(), Decoder::new());
    let mut messages = Vec::new();
    for piece in stream.chunks(size) {
        cut.handle_input(piece);
        messages.extend(std::iter::from_fn(|| cut.poll_message()));
    }
    for message in &messages {
        let frame = message.encode();
        assert_eq!(frame.and_then(|frame| RawMessage::decode(&frame)).as_ref(), Ok(message));
        let _ = format!("{message:?}");
    }
    whole.handle_input(stream);
    let of_whole: usize = std::iter::from_fn(|| whole.poll_message()).count();
    assert!(of_whole <= stream.len() / 12 && messages.len() <= stream.len() / 12);
    assert!(cut.skipped_len() <= u64::try_from(stream.len()).unwrap_or(0));
}
