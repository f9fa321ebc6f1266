//! How many connections there are, and from where.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use csp_api::household;

/// Counts connections. Cheap to clone; all clones count together.
#[derive(Debug, Clone)]
pub(crate) struct Crowd {
    limit: usize,
    limit_per_address: usize,
    present: Arc<Mutex<Present>>,
}

#[derive(Debug, Default)]
struct Present {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A place in the crowd; free again when dropped.
#[derive(Debug)]
pub(crate) struct Place {
    address: IpAddr,
    present: Arc<Mutex<Present>>,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// For anybody.
    Everywhere,
    /// For this address.
    ForAddress,
}

impl Crowd {
    pub(crate) fn new(limit: u32, limit_per_address: u32) -> Self {
        Self { limit: limit as usize, limit_per_address: limit_per_address as usize, present: Arc::default() }
    }

    /// A place for somebody from `address`.
    pub(crate) fn enter(&self, address: IpAddr) -> Result<Place, Full> {
        let address = household(address);
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        if present.all >= self.limit {
            return Err(Full::Everywhere);
        }
        let here = present.by_address.entry(address).or_default();
        if *here >= self.limit_per_address {
            return Err(Full::ForAddress);
        }
        *here += 1;
        present.all += 1;
        Ok(Place { address, present: Arc::clone(&self.present) })
    }

    #[cfg(test)]
    fn is_empty(&self) -> bool {
        let present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        present.all == 0 && present.by_address.is_empty()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut present = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        present.all -= 1;
        if let Some(here) = present.by_address.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                present.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_holder_leaves() {
        let crowd = Crowd::new(3, 2);
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let first = crowd.enter(one).unwrap();
        let second = crowd.enter(one).unwrap();
        assert_eq!(crowd.enter(one).unwrap_err(), Full::ForAddress);
        let third = crowd.enter(other).unwrap();
        assert_eq!(crowd.enter(other).unwrap_err(), Full::Everywhere);
        drop(first);
        let fourth = crowd.enter(one).unwrap();
        drop((second, third, fourth));
        assert!(crowd.is_empty());
    }

    #[test]
    fn neighbours_in_one_ipv6_network_count_together() {
        let crowd = Crowd::new(9, 1);
        let _place = crowd.enter("2001:db8:1:2::1".parse().unwrap()).unwrap();
        assert_eq!(crowd.enter("2001:db8:1:2:ffff::2".parse().unwrap()).unwrap_err(), Full::ForAddress);
        assert!(crowd.enter("2001:db8:1:3::1".parse().unwrap()).is_ok());
        let _mapped = crowd.enter("::ffff:192.0.2.1".parse().unwrap()).unwrap();
        assert_eq!(crowd.enter("192.0.2.1".parse().unwrap()).unwrap_err(), Full::ForAddress);
    }
}
