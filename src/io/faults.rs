//! What is left of a fault of the program's own: where it was.
//!
//! In packages a panic ends the program at once and without a word, for what makes the words is a
//! tenth of the program. One line with the address is written instead, which `docs/developing.md`
//! makes a line of the source of.
#![expect(unsafe_code, reason = "std has no signal handlers")]

use std::mem::{MaybeUninit, forget, zeroed};
use std::ptr;

/// How a program ends by a fault. A panic is an instruction that is none, or a trap, as the
/// processor has it.
const FAULTS: [libc::c_int; 5] =
    [libc::SIGILL, libc::SIGTRAP, libc::SIGBUS, libc::SIGFPE, libc::SIGSEGV];

/// The stack of the handler, for the fault may be that the other one is full. No processor that
/// Linux runs on saves more than a third of it.
const STACK_BYTES: usize = 32 * 1024;

/// Where the handler runs when the fault is on the thread that has made this, until it is dropped.
pub(super) struct FaultStack(Box<[MaybeUninit<u8>]>);

impl FaultStack {
    pub(super) fn new() -> Self {
        let mut own = Self(Box::new_uninit_slice(STACK_BYTES));
        own.set(0);
        own
    }

    fn set(&mut self, flags: libc::c_int) {
        let stack = libc::stack_t {
            ss_sp: self.0.as_mut_ptr().cast(),
            ss_flags: flags,
            ss_size: self.0.len(),
        };
        // SAFETY: the bytes stay where they are until they are taken from the thread again, and
        // nothing else uses them. A null old stack is allowed.
        unsafe { libc::sigaltstack(&raw const stack, ptr::null_mut()) };
    }
}

impl Drop for FaultStack {
    fn drop(&mut self) {
        self.set(libc::SS_DISABLE);
    }
}

/// Has faults write a line to standard error before they end the program, from now on. Called once,
/// by the thread that the program starts with.
pub fn tell() {
    // As long as the program runs.
    forget(FaultStack::new());
    let handler: extern "C" fn(_, _, _) = on_fault;
    for signal in FAULTS {
        // SAFETY: zeroes are an empty mask, no flags and the default action; the pointer is to a
        // live local, and the handler has the signature that SA_SIGINFO asks for.
        unsafe {
            let mut action: libc::sigaction = zeroed();
            action.sa_sigaction = handler as usize;
            action.sa_flags =
                libc::SA_SIGINFO | libc::SA_RESETHAND | libc::SA_NODEFER | libc::SA_ONSTACK;
            libc::sigaction(signal, &raw const action, ptr::null_mut());
        }
    }
}

/// Only async-signal-safe functions may be called here, POSIX.1-2017 2.4.3: it calls two.
extern "C" fn on_fault(
    signal: libc::c_int,
    info: *mut libc::siginfo_t,
    _context: *mut libc::c_void,
) {
    let handler: extern "C" fn(_, _, _) = on_fault;
    // SAFETY: with SA_SIGINFO the kernel passes a valid pointer, and an address with faults.
    let place = unsafe { (*info).si_addr() } as usize;
    let mut line =
        *b"ltewan: fault 0x00 at 0x0000000000000000, on_fault is at 0x0000000000000000\n";
    put_hex(&mut line[16..18], usize::try_from(signal).unwrap_or(0));
    put_hex(&mut line[24..40], place);
    put_hex(&mut line[59..75], handler as usize);
    // SAFETY: the bytes live until the call is over. The action is the default one again, so
    // that the second call does not come back.
    unsafe {
        libc::write(libc::STDERR_FILENO, line.as_ptr().cast(), line.len());
        libc::raise(signal);
    }
}

fn put_hex(digits: &mut [u8], mut number: usize) {
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdef"[number % 16];
        number /= 16;
    }
}
