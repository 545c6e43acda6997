//! Lets a stick that is a router of its own be asked on its own page what it hears.

use super::interfaces::{Phase, Told};
use super::{Manager, Output};
use crate::driver::{Driver, PageRequest, PageResponse};
use core::net::Ipv4Addr;

/// What is to be read over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageReading {
    /// The modem it is for; at most one of each is under way.
    pub modem: String,
    /// The net device to ask through, whatever the routes say.
    pub device: String,
    /// What.
    pub request: PageRequest,
}

impl Manager {
    /// Tells the sticks' drivers where their pages are.
    pub(super) fn follow_pages(&mut self) {
        if !cfg!(feature = "stick-page") {
            return;
        }
        for (id, slot) in &mut self.slots {
            let Some(driver @ Driver::Tether(_)) = &mut slot.driver else { continue };
            let mut interfaces = self.interfaces.values();
            let address = interfaces.find_map(|interface| {
                let is_up = interface.modem.as_ref() == Some(id)
                    && interface.phase == Phase::Active
                    && matches!(interface.told, Told::Up(_));
                interface.handed_out.gateway.filter(|_| is_up)
            });
            driver.set_page(address);
        }
    }

    pub(super) fn read_page(&mut self, id: &str, request: PageRequest) {
        let device = self.slots.get(id).and_then(|slot| slot.found.net.clone());
        let Some(device) = device else { return };
        let reading = PageReading { modem: id.to_owned(), device, request };
        self.put(Output::ReadPage(Box::new(reading)));
    }

    /// Takes an answer; `None` when there was none.
    pub(super) fn page_read(&mut self, id: &str, from: Ipv4Addr, response: Option<&PageResponse>) {
        if let Some(driver) = self.slots.get_mut(id).and_then(|slot| slot.driver.as_mut()) {
            driver.handle_page(from, response);
        }
    }
}
