//! A small broker that speaks the ubus protocol, for machines without OpenWrt's ubusd.
//!
//! It knows objects, calls, subscriptions, events and the monitor; it knows no access lists, and
//! takes
//! every client for the user it runs as. It shares no code with the codec under test: what it
//! routes it routes as bytes. `tests/bus/mod.rs` puts the real ubusd in its place when
//! `LTEWAN_UBUSD` names one.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{JoinHandle, spawn};

const MAX_MESSAGE_LEN: usize = 1 << 20;
const MAX_QUEUE_LEN: usize = MAX_MESSAGE_LEN;
const FIRST_FREE_ID: u32 = 1024;
const EVENT_OBJECT: u32 = 1;
const MONITOR_OBJECT: u32 = 3;

const HELLO: u8 = 0;
const STATUS: u8 = 1;
const DATA: u8 = 2;
const PING: u8 = 3;
const LOOKUP: u8 = 4;
const INVOKE: u8 = 5;
const ADD_OBJECT: u8 = 6;
const REMOVE_OBJECT: u8 = 7;
const SUBSCRIBE: u8 = 8;
const UNSUBSCRIBE: u8 = 9;
const NOTIFY: u8 = 10;
const MONITOR: u8 = 11;

const ATTR_STATUS: u8 = 1;
const ATTR_PATH: u8 = 2;
const ATTR_OBJECT: u8 = 3;
const ATTR_METHOD: u8 = 4;
const ATTR_TYPE: u8 = 5;
const ATTR_SIGNATURE: u8 = 6;
const ATTR_DATA: u8 = 7;
const ATTR_TARGET: u8 = 8;
const ATTR_ACTIVE: u8 = 9;
const ATTR_NO_REPLY: u8 = 10;
const ATTR_SUBSCRIBERS: u8 = 11;
const ATTR_USER: u8 = 12;
const ATTR_GROUP: u8 = 13;
const ATTR_COUNT: usize = 14;

const MONITOR_CLIENT: u8 = 0;
const MONITOR_PEER: u8 = 1;
const MONITOR_SEND: u8 = 2;
const MONITOR_SEQ: u8 = 3;
const MONITOR_TYPE: u8 = 4;
const MONITOR_DATA: u8 = 5;

const INVALID_COMMAND: u32 = 1;
const INVALID_ARGUMENT: u32 = 2;
const METHOD_NOT_FOUND: u32 = 3;
const NOT_FOUND: u32 = 4;
const PERMISSION_DENIED: u32 = 6;

/// What a request gets from the broker itself: a status, or nothing because someone else answers.
type Outcome = Option<u32>;

/// A running broker. Dropping it closes every connection and removes the socket.
pub(crate) struct Broker {
    path: PathBuf,
    state: Arc<Mutex<State>>,
    stopping: Arc<AtomicBool>,
    acceptor: Option<JoinHandle<()>>,
}

struct State {
    clients: BTreeMap<u32, Client>,
    objects: BTreeMap<u32, Object>,
    /// In the order they were made.
    subscriptions: Vec<(u32, u32)>,
    patterns: Vec<(String, u32)>,
    /// The clients that are shown all traffic.
    monitors: Vec<u32>,
    counter: u32,
    event_seq: u16,
    user: Vec<u8>,
    group: Vec<u8>,
}

struct Client {
    stream: UnixStream,
    queue: Sender<Vec<u8>>,
    queued: Arc<AtomicUsize>,
}

struct Object {
    client: u32,
    path: Option<String>,
    /// The id of the type and its signature.
    kind: Option<(u32, Vec<u8>)>,
    seq: u16,
}

struct Message {
    kind: u8,
    seq: u16,
    peer: u32,
    body: Vec<u8>,
    attributes: [Option<Vec<u8>>; ATTR_COUNT],
}

impl Broker {
    /// Listens at `path`.
    pub(crate) fn start(path: impl AsRef<Path>) -> std::io::Result<Self> {
        let path = path.as_ref().to_path_buf();
        if path.exists() {
            fs::remove_file(&path)?;
        }
        let listener = UnixListener::bind(&path)?;
        let (user, group) = own_names();
        let state = Arc::new(Mutex::new(State {
            clients: BTreeMap::new(),
            objects: BTreeMap::new(),
            subscriptions: Vec::new(),
            patterns: Vec::new(),
            monitors: Vec::new(),
            counter: 0,
            event_seq: 0,
            user,
            group,
        }));
        let stopping = Arc::new(AtomicBool::new(false));
        let acceptor = {
            let (state, stopping) = (Arc::clone(&state), Arc::clone(&stopping));
            spawn(move || {
                for stream in listener.incoming().flatten() {
                    if stopping.load(Ordering::SeqCst) {
                        break;
                    }
                    attach(&state, stream);
                }
            })
        };
        Ok(Self { path, state, stopping, acceptor: Some(acceptor) })
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // The acceptor sleeps until someone comes.
        let _ = UnixStream::connect(&self.path);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
        let _ = fs::remove_file(&self.path);
        for client in lock(&self.state).clients.values() {
            let _ = client.stream.shutdown(Shutdown::Both);
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives a new client its id, its greeting and its two threads.
fn attach(state: &Arc<Mutex<State>>, stream: UnixStream) {
    let (Ok(reader), Ok(writer)) = (stream.try_clone(), stream.try_clone()) else { return };
    let (queue, messages) = channel();
    let queued = Arc::new(AtomicUsize::new(0));
    let id = {
        let mut state = lock(state);
        let id = state.new_id();
        state.clients.insert(id, Client { stream, queue, queued: Arc::clone(&queued) });
        state.send(id, encode(HELLO, 0, id, &[]));
        id
    };
    spawn(move || write_all(writer, &messages, &queued));
    let state = Arc::clone(state);
    spawn(move || {
        read_all(reader, &state, id);
        lock(&state).detach(id);
    });
}

fn write_all(mut stream: UnixStream, messages: &Receiver<Vec<u8>>, queued: &AtomicUsize) {
    for message in messages {
        if stream.write_all(&message).is_err() {
            return;
        }
        queued.fetch_sub(message.len(), Ordering::SeqCst);
    }
}

fn read_all(mut stream: UnixStream, state: &Mutex<State>, client: u32) {
    loop {
        let mut header = [0; 12];
        if stream.read_exact(&mut header).is_err() {
            return;
        }
        let len = be32(&header[8..]).unwrap_or(0) as usize & 0x00ff_ffff;
        if !(4..=MAX_MESSAGE_LEN).contains(&len) {
            return;
        }
        let mut body = vec![0; len - 4];
        if stream.read_exact(&mut body).is_err() {
            return;
        }
        let attributes = parse(&body);
        let message = Message {
            kind: header[1],
            seq: u16::from_be_bytes([header[2], header[3]]),
            peer: be32(&header[4..]).unwrap_or(0),
            body,
            attributes,
        };
        lock(state).handle(client, message);
    }
}

impl State {
    /// Ids look random, as ubusd's do, so that nothing comes to rely on their order.
    fn new_id(&mut self) -> u32 {
        loop {
            self.counter = self.counter.wrapping_add(1);
            let id = self.counter.wrapping_mul(0x9e37_79b1);
            if id >= FIRST_FREE_ID {
                return id;
            }
        }
    }

    fn send(&self, client: u32, message: Vec<u8>) {
        self.show(client, &message, true);
        self.queue(client, message);
    }

    /// Shows a message to the monitors.
    fn show(&self, client: u32, message: &[u8], is_sent: bool) {
        if self.monitors.is_empty() {
            return;
        }
        let client = client.to_be_bytes();
        let seq = [0, 0, message[2], message[3]];
        let kind = [0, 0, 0, message[1]];
        let attributes: [(u8, &[u8]); 6] = [
            (MONITOR_CLIENT, &client),
            (MONITOR_PEER, &message[4..8]),
            (MONITOR_SEQ, &seq),
            (MONITOR_TYPE, &kind),
            (MONITOR_SEND, &[u8::from(is_sent)]),
            (MONITOR_DATA, &message[12..]),
        ];
        for monitor in &self.monitors {
            self.queue(*monitor, encode(MONITOR, 0, 0, &attributes));
        }
    }

    fn queue(&self, client: u32, message: Vec<u8>) {
        let Some(client) = self.clients.get(&client) else { return };
        if client.queued.load(Ordering::SeqCst) + message.len() > MAX_QUEUE_LEN + 8 {
            return;
        }
        client.queued.fetch_add(message.len(), Ordering::SeqCst);
        let _ = client.queue.send(message);
    }

    fn handle(&mut self, client: u32, message: Message) {
        let (seq, peer) = (message.seq, message.peer);
        self.show(client, &encode_raw(message.kind, seq, peer, &message.body), false);
        let outcome = match message.kind {
            PING => {
                self.send(client, encode_raw(DATA, seq, peer, &message.body));
                Some(0)
            }
            LOOKUP => self.lookup(client, &message),
            ADD_OBJECT => self.add_object(client, &message),
            REMOVE_OBJECT => self.remove_object(client, &message),
            INVOKE => self.invoke(client, &message),
            STATUS | DATA => self.answer(client, &message),
            SUBSCRIBE => self.subscribe(client, &message),
            UNSUBSCRIBE => self.unsubscribe(client, &message),
            NOTIFY => self.notify(client, &message),
            _ => Some(INVALID_COMMAND),
        };
        if let Some(status) = outcome {
            let status = status.to_be_bytes();
            self.send(client, encode(STATUS, seq, peer, &[(ATTR_STATUS, &status)]));
        }
    }

    fn lookup(&mut self, client: u32, message: &Message) -> Outcome {
        let path = message.text(ATTR_PATH);
        let wanted = |own: &str| match path.as_deref() {
            None => true,
            Some(path) => match path.strip_suffix('*') {
                Some(start) => own.starts_with(start),
                None => own == path,
            },
        };
        type Found<'a> = (&'a str, u32, &'a (u32, Vec<u8>));
        let mut found: Vec<Found<'_>> = self
            .objects
            .iter()
            .filter_map(|(id, object)| Some((object.path.as_deref()?, *id, object.kind.as_ref()?)))
            .filter(|(own, ..)| wanted(own))
            .collect();
        found.sort_by_key(|(own, ..)| *own);
        if found.is_empty() && path.is_some() {
            return Some(NOT_FOUND);
        }
        for (own, id, (kind, signature)) in found {
            let own = [own.as_bytes(), &[0]].concat();
            let (id, kind) = (id.to_be_bytes(), kind.to_be_bytes());
            let attributes: [(u8, &[u8]); 4] = [
                (ATTR_PATH, &own),
                (ATTR_OBJECT, &id),
                (ATTR_TYPE, &kind),
                (ATTR_SIGNATURE, signature),
            ];
            self.send(client, encode(DATA, message.seq, message.peer, &attributes));
        }
        Some(0)
    }

    fn add_object(&mut self, client: u32, message: &Message) -> Outcome {
        let path = message.text(ATTR_PATH);
        if path.is_some() && self.objects.values().any(|object| object.path == path) {
            return Some(INVALID_ARGUMENT);
        }
        let signature = message.attributes[usize::from(ATTR_SIGNATURE)].clone();
        let kind = match message.word(ATTR_TYPE) {
            Some(wanted) => self
                .objects
                .values()
                .filter_map(|object| object.kind.clone())
                .find(|(kind, _)| *kind == wanted),
            None => signature.clone().map(|signature| (self.new_id(), signature)),
        };
        let id = self.new_id();
        if let Some(path) = &path {
            self.object_event("ubus.object.add", id, path);
        }
        let id_bytes = id.to_be_bytes();
        let kind_bytes = kind.as_ref().map_or([0; 4], |(kind, _)| kind.to_be_bytes());
        let mut attributes: Vec<(u8, &[u8])> = vec![(ATTR_OBJECT, &id_bytes)];
        if signature.is_some() {
            attributes.push((ATTR_TYPE, &kind_bytes));
        }
        self.objects.insert(id, Object { client, path, kind, seq: 0 });
        self.send(client, encode(DATA, message.seq, message.peer, &attributes));
        Some(0)
    }

    fn remove_object(&mut self, client: u32, message: &Message) -> Outcome {
        let id = match self.own_object(client, message, PERMISSION_DENIED) {
            Ok(id) => id,
            Err(status) => return Some(status),
        };
        let id_bytes = id.to_be_bytes();
        let reply = encode(DATA, message.seq, message.peer, &[(ATTR_OBJECT, &id_bytes)]);
        self.send(client, reply);
        self.free_object(id);
        Some(0)
    }

    fn invoke(&mut self, client: u32, message: &Message) -> Outcome {
        let (Some(id), Some(method)) = (message.word(ATTR_OBJECT), message.text(ATTR_METHOD))
        else {
            return Some(INVALID_ARGUMENT);
        };
        if id == EVENT_OBJECT {
            return Some(self.invoke_events(client, &method, message));
        }
        if id == MONITOR_OBJECT {
            self.monitors.retain(|monitor| *monitor != client);
            return match method.as_str() {
                "add" => {
                    self.monitors.push(client);
                    Some(0)
                }
                "remove" => Some(0),
                _ => Some(METHOD_NOT_FOUND),
            };
        }
        let Some(owner) = self.objects.get(&id).map(|object| object.client) else {
            return Some(NOT_FOUND);
        };
        self.forward(owner, id, client, message, false);
        None
    }

    fn forward(&self, owner: u32, object: u32, caller: u32, message: &Message, no_reply: bool) {
        let object = object.to_be_bytes();
        let mut attributes: Vec<(u8, &[u8])> = Vec::new();
        if no_reply {
            attributes.push((ATTR_NO_REPLY, &[1]));
        }
        attributes.push((ATTR_OBJECT, &object));
        if let Some(method) = &message.attributes[usize::from(ATTR_METHOD)] {
            attributes.push((ATTR_METHOD, method));
        }
        attributes.push((ATTR_USER, &self.user));
        attributes.push((ATTR_GROUP, &self.group));
        if let Some(data) = &message.attributes[usize::from(ATTR_DATA)] {
            attributes.push((ATTR_DATA, data));
        }
        self.send(owner, encode(INVOKE, message.seq, caller, &attributes));
    }

    fn answer(&mut self, client: u32, message: &Message) -> Outcome {
        let needed = if message.kind == STATUS { ATTR_STATUS } else { ATTR_DATA };
        let id = self.own_object(client, message, NOT_FOUND).ok()?;
        message.attributes[usize::from(needed)].as_ref()?;
        self.send(message.peer, encode_raw(message.kind, message.seq, id, &message.body));
        None
    }

    fn subscribe(&mut self, client: u32, message: &Message) -> Outcome {
        let own = match self.own_object(client, message, INVALID_ARGUMENT) {
            Ok(own) => own,
            Err(status) => return Some(status),
        };
        let Some(target) = message.word(ATTR_TARGET) else { return Some(INVALID_ARGUMENT) };
        let Some(owner) = self.objects.get(&target).map(|object| object.client) else {
            return Some(NOT_FOUND);
        };
        if owner == client {
            return Some(INVALID_ARGUMENT);
        }
        let is_first = !self.subscriptions.iter().any(|(_, of)| *of == target);
        self.subscriptions.push((own, target));
        if is_first {
            self.tell_active(target, true);
        }
        Some(0)
    }

    fn unsubscribe(&mut self, client: u32, message: &Message) -> Outcome {
        let own = match self.own_object(client, message, INVALID_ARGUMENT) {
            Ok(own) => own,
            Err(status) => return Some(status),
        };
        let wanted = (own, message.word(ATTR_TARGET).unwrap_or(0));
        let Some(index) = self.subscriptions.iter().position(|pair| *pair == wanted) else {
            return Some(NOT_FOUND);
        };
        self.end_subscription(index);
        Some(0)
    }

    fn notify(&mut self, client: u32, message: &Message) -> Outcome {
        let id = match self.own_object(client, message, PERMISSION_DENIED) {
            Ok(id) => id,
            Err(status) => return Some(status),
        };
        let no_reply =
            message.attributes[usize::from(ATTR_NO_REPLY)].as_deref().is_some_and(|f| f != [0]);
        let subscribers: Vec<u32> =
            self.subscriptions.iter().filter(|(_, of)| *of == id).map(|(own, _)| *own).collect();
        if !no_reply {
            let mut list = Vec::new();
            for subscriber in &subscribers {
                put(&mut list, 0, &subscriber.to_be_bytes());
            }
            let id = id.to_be_bytes();
            let attributes: [(u8, &[u8]); 3] =
                [(ATTR_OBJECT, &id), (ATTR_SUBSCRIBERS, &list), (ATTR_STATUS, &[0; 4])];
            self.send(client, encode(STATUS, message.seq, message.peer, &attributes));
        }
        for subscriber in subscribers {
            if let Some(object) = self.objects.get(&subscriber) {
                self.forward(object.client, subscriber, client, message, no_reply);
            }
        }
        None
    }

    /// ubusd's own object, with the methods `register` and `send`.
    fn invoke_events(&mut self, client: u32, method: &str, message: &Message) -> u32 {
        let fields = fields(message.attributes[usize::from(ATTR_DATA)].as_deref().unwrap_or(&[]));
        let text = |name: &str| {
            fields.iter().find(|(own, kind, _)| own == name && *kind == 3).map(|(.., data)| {
                String::from_utf8_lossy(data.strip_suffix(&[0]).unwrap_or(data)).into_owned()
            })
        };
        let field = |name: &str, kind: u8| {
            fields.iter().find(|(own, of, _)| own == name && *of == kind).map(|(.., data)| data)
        };
        match method {
            "register" => {
                let object = field("object", 5).and_then(|data| be32(data));
                let (Some(object), Some(pattern)) = (object, text("pattern")) else {
                    return INVALID_ARGUMENT;
                };
                match self.objects.get(&object) {
                    None => NOT_FOUND,
                    Some(own) if own.client != client || pattern.is_empty() => PERMISSION_DENIED,
                    Some(_) => {
                        self.patterns.push((pattern, object));
                        0
                    }
                }
            }
            "send" => {
                let (Some(name), Some(data)) = (text("id"), field("data", 2)) else {
                    return INVALID_ARGUMENT;
                };
                if name.starts_with("ubus.") {
                    return PERMISSION_DENIED;
                }
                self.event(Some(client), &name, data);
                0
            }
            _ => INVALID_COMMAND,
        }
    }

    fn event(&mut self, sender: Option<u32>, name: &str, data: &[u8]) {
        let mut listeners: Vec<u32> = self
            .patterns
            .iter()
            .filter(|(pattern, _)| match pattern.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => name == pattern,
            })
            .map(|(_, object)| *object)
            .collect();
        listeners.sort_unstable();
        listeners.dedup();
        let name = [name.as_bytes(), &[0]].concat();
        for listener in listeners {
            let Some(client) = self.objects.get(&listener).map(|object| object.client) else {
                continue;
            };
            if Some(client) == sender {
                continue;
            }
            self.event_seq = self.event_seq.wrapping_add(1);
            let listener = listener.to_be_bytes();
            let attributes: [(u8, &[u8]); 3] =
                [(ATTR_OBJECT, &listener), (ATTR_METHOD, &name), (ATTR_DATA, data)];
            self.send(client, encode(INVOKE, self.event_seq, 0, &attributes));
        }
    }

    fn object_event(&mut self, name: &str, id: u32, path: &str) {
        let mut data = Vec::new();
        put(&mut data, 0x85, &[&[0, 2], &b"id\0\0\0\0"[..], &id.to_be_bytes()].concat());
        // A name of four letters needs one byte of padding behind its NUL.
        put(&mut data, 0x83, &[&[0, 4], &b"path\0\0"[..], path.as_bytes(), &[0]].concat());
        self.event(None, name, &data);
    }

    fn tell_active(&mut self, target: u32, active: bool) {
        let Some(object) = self.objects.get_mut(&target) else { return };
        object.seq = object.seq.wrapping_add(1);
        let (client, seq) = (object.client, object.seq);
        let target = target.to_be_bytes();
        let active = [u8::from(active)];
        let attributes: [(u8, &[u8]); 2] = [(ATTR_OBJECT, &target), (ATTR_ACTIVE, &active)];
        self.send(client, encode(NOTIFY, seq, 0, &attributes));
    }

    fn end_subscription(&mut self, index: usize) {
        let (_, target) = self.subscriptions.remove(index);
        if !self.subscriptions.iter().any(|(_, of)| *of == target) {
            self.tell_active(target, false);
        }
    }

    fn free_object(&mut self, id: u32) {
        while let Some(index) = self.subscriptions.iter().position(|(own, _)| *own == id) {
            self.end_subscription(index);
        }
        while let Some(index) = self.subscriptions.iter().position(|(_, of)| *of == id) {
            let (own, _) = self.subscriptions.remove(index);
            if let Some(object) = self.objects.get_mut(&own) {
                object.seq = object.seq.wrapping_add(1);
                let (client, seq) = (object.client, object.seq);
                let (own, id) = (own.to_be_bytes(), id.to_be_bytes());
                let attributes: [(u8, &[u8]); 2] = [(ATTR_OBJECT, &own), (ATTR_TARGET, &id)];
                self.send(client, encode(UNSUBSCRIBE, seq, 0, &attributes));
            }
        }
        self.patterns.retain(|(_, object)| *object != id);
        if let Some(object) = self.objects.remove(&id)
            && let Some(path) = object.path
        {
            self.object_event("ubus.object.remove", id, &path);
        }
    }

    fn detach(&mut self, client: u32) {
        self.monitors.retain(|monitor| *monitor != client);
        let own: Vec<u32> = self
            .objects
            .iter()
            .filter(|(_, object)| object.client == client)
            .map(|(id, _)| *id)
            .collect();
        for id in own {
            self.free_object(id);
        }
        if let Some(client) = self.clients.remove(&client) {
            let _ = client.stream.shutdown(Shutdown::Both);
        }
    }

    fn own_object(&self, client: u32, message: &Message, not_own: u32) -> Result<u32, u32> {
        let id = message.word(ATTR_OBJECT).ok_or(INVALID_ARGUMENT)?;
        let object = self.objects.get(&id).ok_or(NOT_FOUND)?;
        if object.client == client { Ok(id) } else { Err(not_own) }
    }
}

impl Message {
    fn word(&self, id: u8) -> Option<u32> {
        self.attributes[usize::from(id)].as_deref().and_then(be32)
    }

    fn text(&self, id: u8) -> Option<String> {
        let bytes = self.attributes[usize::from(id)].as_deref()?;
        let bytes = bytes.strip_suffix(&[0])?;
        Some(String::from_utf8_lossy(bytes).into_owned())
    }
}

fn be32(bytes: &[u8]) -> Option<u32> {
    bytes.first_chunk().map(|word| u32::from_be_bytes(*word))
}

/// The attributes of a run, each as flags and type, and payload.
fn split(mut bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut attributes = Vec::new();
    while let Some(word) = be32(bytes) {
        let len = word as usize & 0x00ff_ffff;
        let Some(payload) = bytes.get(4..len) else { break };
        attributes.push((word.to_be_bytes()[0], payload));
        bytes = bytes.get(len.next_multiple_of(4)..).unwrap_or(&[]);
    }
    attributes
}

fn parse(body: &[u8]) -> [Option<Vec<u8>>; ATTR_COUNT] {
    let mut attributes = [const { None }; ATTR_COUNT];
    for (id, payload) in split(body) {
        if let Some(slot) = attributes.get_mut(usize::from(id & 0x7f)) {
            *slot = Some(payload.to_vec());
        }
    }
    attributes
}

/// The entries of a blobmsg table: name, type, payload.
fn fields(table: &[u8]) -> Vec<(String, u8, &[u8])> {
    let mut fields = Vec::new();
    for (id, payload) in split(table) {
        let Some([high, low]) = payload.first_chunk::<2>() else { continue };
        let len = usize::from(u16::from_be_bytes([*high, *low]));
        let (Some(name), Some(data)) =
            (payload.get(2..2 + len), payload.get((len + 3).next_multiple_of(4)..))
        else {
            continue;
        };
        fields.push((String::from_utf8_lossy(name).into_owned(), id & 0x7f, data));
    }
    fields
}

fn put(out: &mut Vec<u8>, id: u8, payload: &[u8]) {
    let word = (u32::from(id) << 24) | attribute_len(payload);
    out.extend_from_slice(&word.to_be_bytes());
    out.extend_from_slice(payload);
    out.resize(out.len().next_multiple_of(4), 0);
}

/// Every payload was bounded when it was read.
fn attribute_len(payload: &[u8]) -> u32 {
    u32::try_from(payload.len() + 4).unwrap_or(4)
}

fn encode(kind: u8, seq: u16, peer: u32, attributes: &[(u8, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (id, payload) in attributes {
        put(&mut body, *id, payload);
    }
    encode_raw(kind, seq, peer, &body)
}

fn encode_raw(kind: u8, seq: u16, peer: u32, body: &[u8]) -> Vec<u8> {
    let [seq_high, seq_low] = seq.to_be_bytes();
    let mut out = vec![0, kind, seq_high, seq_low];
    out.extend_from_slice(&peer.to_be_bytes());
    out.extend_from_slice(&attribute_len(body).to_be_bytes());
    out.extend_from_slice(body);
    out
}

/// The names of the user and group this process runs as, each with its NUL.
fn own_names() -> (Vec<u8>, Vec<u8>) {
    let (uid, gid) =
        fs::metadata("/proc/self").map_or((0, 0), |process| (process.uid(), process.gid()));
    let find = |file: &str, id: u32| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let name = text.lines().find_map(|line| {
            let mut columns = line.split(':');
            let name = columns.next()?;
            (columns.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
        });
        [name.unwrap_or_else(|| id.to_string()).as_bytes(), &[0]].concat()
    };
    (find("/etc/passwd", uid), find("/etc/group", gid))
}
