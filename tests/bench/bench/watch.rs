//! What another program does, as events: that it wrote into its log, that it ended.

use std::{
    os::fd::{AsFd as _, OwnedFd},
    path::Path,
    process::Child,
    sync::Arc,
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::inotify::{self, CreateFlags, WatchFlags},
    io::Errno,
    process::{Pid, PidfdFlags, pidfd_open},
};

use crate::Outcome;

/// What was seen of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It wrote into its log since the last look.
    Written,
    /// It has ended.
    Ended,
    /// Nothing, for as long as was waited.
    Nothing,
}

/// A log that somebody is about to write into (inotify(7)). Nothing that is written from now on is missed.
#[derive(Debug)]
pub(crate) struct Log(OwnedFd);

impl Log {
    /// Of a file that is there.
    pub(crate) fn watch(file: &Path) -> Outcome<Self> {
        let events = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)?;
        inotify::add_watch(&events, file, WatchFlags::MODIFY)?;
        Ok(Self(events))
    }
}

/// A program and its log, watched.
#[derive(Debug, Clone)]
pub(crate) struct Watch(Arc<Watched>);

#[derive(Debug)]
struct Watched {
    log: OwnedFd,
    program: OwnedFd,
}

impl Watch {
    /// From its start (pidfd_open(2)).
    pub(crate) fn over(child: &Child, log: Log) -> Outcome<Self> {
        let program = pidfd_open(Pid::from_child(child), PidfdFlags::empty())?;
        Ok(Self(Arc::new(Watched { log: log.0, program })))
    }

    /// Waits until it writes or ends; at once, if it wrote since the last time this was asked.
    pub(crate) async fn next(&self, at_most: Duration) -> Outcome<Seen> {
        self.see(true, at_most).await
    }

    /// Waits until it ends.
    pub(crate) async fn end(&self, at_most: Duration) -> Outcome<Seen> {
        self.see(false, at_most).await
    }

    async fn see(&self, writing: bool, at_most: Duration) -> Outcome<Seen> {
        let watched = self.0.clone();
        // A thread of its own waits: the events of these files are not among those that the runtime knows.
        Ok(tokio::task::spawn_blocking(move || watched.see(writing, at_most)).await??)
    }
}

impl Watched {
    fn see(&self, writing: bool, at_most: Duration) -> rustix::io::Result<Seen> {
        let time = Timespec::try_from(at_most).map_err(|_| Errno::INVAL)?;
        let mut both =
            [PollFd::from_borrowed_fd(self.program.as_fd(), PollFlags::IN), PollFd::from_borrowed_fd(self.log.as_fd(), PollFlags::IN)];
        let asked = if writing { &mut both[..] } else { &mut both[..1] };
        poll(asked, Some(&time))?;
        if asked[0].revents().contains(PollFlags::IN) {
            return Ok(Seen::Ended);
        }
        if !asked.get(1).is_some_and(|log| log.revents().contains(PollFlags::IN)) {
            return Ok(Seen::Nothing);
        }
        // Several writes are one event to us.
        let mut buffer = [0_u8; 4096];
        loop {
            match rustix::io::read(&self.log, &mut buffer[..]) {
                Ok(_) => {}
                Err(Errno::WOULDBLOCK) => return Ok(Seen::Written),
                Err(error) => return Err(error),
            }
        }
    }
}
