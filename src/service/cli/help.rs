//! What the command line says of itself.

/// What `--help` prints.
pub const HELP: &str = "\
NAME
  ltewan - the cellular WAN of an OpenWrt router

SYNOPSIS
  ltewan COMMAND [ARGUMENTS] [OPTIONS]
  ltewan COMMAND --help

COMMANDS
  status [MODEM]            what each modem is doing, and why
  modems                    the modems, a line each
  info [MODEM]              one modem's full identity, ports and capabilities
  signal [MODEM]            what the modem hears, and how good that is
  cells [MODEM]             the cells around it
  connect INTERFACE         take an interface up, as ifup does
  disconnect INTERFACE      take an interface down, as ifdown does
  reconnect INTERFACE       hang up and dial again
  reset [MODEM] [--level L] restart it: redial, radio, reset (the default) or power
  at [MODEM] COMMAND        send an AT command and print the answer
                            (--timeout SECONDS, 1 to 300)
  at [MODEM] --pty          make a serial port for another program, such as minicom; prints its
                            name, and serves it until interrupted
  usb-mode [MODEM] [MODE]   what the modem is on USB and can be; or make it qmi, mbim, ecm, ncm
                            or rndis, and wait until it is back
  bands [MODEM]             which bands and technologies the modem has and uses
                            (--set lte:3,nr5g:78 or all, --modes lte,nr5g or all;
                            --restore SECONDS without a network until it is taken back: 90,
                            0 for never)
  scan [MODEM]              look for networks, for minutes (--cancel stops it)
  apn [PLMN | MODEM]        which access points a network has, or the one the SIM is of
  register [MODEM] PLMN     register with this network, or with auto
  slot [MODEM] [N]          which SIM of several the modem uses; or use the one in slot N
  gnss [MODEM] [on|off]     switch the satellite receiver, and show where it is
                            (--nmea: then print its sentences, until interrupted)
  speedtest [MODEM]         measure how fast the connection is, with the package librespeed-cli;
                            takes some 100 MB of the SIM's (--cancel ends a test, --history
                            shows the last ones, --server N or URL: with this server, or
                            one of this list)
  pin [MODEM] ACTION        unlock, enable, disable, change or unblock (with the PUK) the SIM;
                            asks for PIN and PUK, or reads them from the standard input,
                            a line each (--force: even when a wrong one would be the last)
  sms list [MODEM]          the messages received and sent, oldest first
  sms send [MODEM] NUMBER [TEXT]
                            send a message; without TEXT it is read from the standard input
                            (--report: ask for word of its delivery; --language tr: use the
                            alphabet of that language where it saves messages)
  sms read ID...            show messages, and mark them as read
  sms delete ID...          forget messages
  wan ROLE [INTERFACE]      print what makes the cellular connection the main WAN, the backup, or
                            have it balance (with mwan3); --apply changes the configuration
  ussd [MODEM] CODE         send a code (*100#) and print what the network says
  ussd [MODEM] reply TEXT   answer it, where it waits for that
  ussd [MODEM] cancel       end the session
  usage [SIM]               what each SIM has carried in its billing period
  usage reset [SIM]         count from nothing
  metrics [collectd]        the state in numbers, for Prometheus or for collectd's plugin exec
  diag                      write a report without personal data; prints its path
  reload                    read the configuration anew
  daemon                    run the daemon; procd does this
                            (--root DIR, --stderr)
  dial CONTEXT INTERFACE    dial on the standard input and output; pppd does this
  ppp INTERFACE ADDRESS     tell the daemon that PPP is up; pppd does this

OPTIONS
  --json                    print what the daemon answered, as JSON
  --watch                   status: print every change; signal: measure and print every second,
                            until interrupted
  --bus PATH                ubusd's socket
  -h, --help                this text, or with a command what is in it of that
  -V, --version             the version

MODEM is a path (usb:1-1.2), an IMEI (imei:...), vid:pid, a device node or a section of
/etc/config/ltewan; with one modem plugged in it can be left out.

EXIT STATUS
  0  done
  1  refused or failed
  2  wrong usage
  3  the daemon is not running
  4  no answer in time

FILES
  /etc/config/ltewan        modems, SIM cards, and what they are allowed
  /etc/config/network       interfaces: proto 'ltewan'
  /etc/ltewan               what is kept over a restart of the router
  /etc/hotplug.d/ltewan     scripts that are told what happens

EXAMPLES
  ltewan status --watch
  ltewan at usb:1-1 AT+CSQ
  ltewan bands --set lte:3,lte:20
  ltewan sms send +4915112345678 'On my way'
";

/// What the help says of a command: its entry, or its entries; without one, everything.
pub(super) fn help(command: Option<&str>) -> String {
    let mut is_about = false;
    let entry: String = HELP
        .split_inclusive('\n')
        .filter(|line| {
            if !line.starts_with("   ") {
                is_about = command.is_some() && line.split_whitespace().next() == command;
            }
            is_about
        })
        .collect();
    if entry.is_empty() { HELP.to_owned() } else { entry }
}
