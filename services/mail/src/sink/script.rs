//! What the sink does, step by step.

/// A step of the dialogue at which the sink can be told what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Somebody connected; the banner is due.
    Banner,
    /// `EHLO`. Every connection says it twice.
    Ehlo,
    /// `AUTH`.
    Auth,
    /// `MAIL`.
    Mail,
    /// `RCPT`.
    Rcpt,
    /// `DATA`.
    Data,
    /// The content is about to be read.
    Content,
    /// The final dot was read.
    Dot,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 8] = [Self::Banner, Self::Ehlo, Self::Auth, Self::Mail, Self::Rcpt, Self::Data, Self::Content, Self::Dot];
}

/// What to do at a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Say this, whatever was asked; a 221 or 421 is followed by hanging up. At [`Step::Content`] it is
    /// said without reading the content, and then the sink hangs up. At [`Step::Dot`] the message is
    /// taken only if the reply begins with 2.
    Reply(Vec<u8>),
    /// Say nothing, read nothing, and stay. At [`Step::Dot`] the message is taken all the same.
    Silence,
    /// Hang up. At [`Step::Dot`] the message is taken all the same: the worst case.
    Drop,
    /// At [`Step::Dot`], lose the message and hang up.
    Lose,
    /// Wait for [`super::Sink::release`], then go on as usual.
    Wait,
}

impl Act {
    /// A reply of one line, without its line break.
    pub fn reply(line: &str) -> Self {
        Self::Reply(format!("{line}\r\n").into_bytes())
    }
}

/// What to do when: rules, the first that fits applies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    rules: Vec<Rule>,
    pub(crate) size_limit: Option<usize>,
    pub(crate) credentials: Option<(String, String)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    step: Step,
    recipient: Option<String>,
    times: Option<usize>,
    act: Act,
}

impl Script {
    /// Takes everything.
    pub fn accepting() -> Self {
        Self::default()
    }

    /// Does `act` at every `step`.
    #[must_use]
    pub fn always(self, step: Step, act: Act) -> Self {
        self.rule(step, None, None, act)
    }

    /// Does `act` at the next `step`, then goes on as if the rule were not there.
    #[must_use]
    pub fn once(self, step: Step, act: Act) -> Self {
        self.first(1, step, act)
    }

    /// Does `act` at the next `times` times of `step`.
    #[must_use]
    pub fn first(self, times: usize, step: Step, act: Act) -> Self {
        self.rule(step, None, Some(times), act)
    }

    /// Does `act` at every `step` of a message to `recipient`: at [`Step::Rcpt`] or later.
    #[must_use]
    pub fn always_for(self, recipient: &str, step: Step, act: Act) -> Self {
        self.rule(step, Some(recipient.to_owned()), None, act)
    }

    /// Says in its greeting that it takes messages of at most `bytes`.
    #[must_use]
    pub fn with_size_limit(mut self, bytes: usize) -> Self {
        self.size_limit = Some(bytes);
        self
    }

    /// Takes mail only from who signs in so.
    #[must_use]
    pub fn with_credentials(mut self, username: &str, secret: &str) -> Self {
        self.credentials = Some((username.to_owned(), secret.to_owned()));
        self
    }

    fn rule(mut self, step: Step, recipient: Option<String>, times: Option<usize>, act: Act) -> Self {
        self.rules.push(Rule { step, recipient, times, act });
        self
    }

    /// What to do now. Uses up a rule that holds for some times only.
    pub(crate) fn next(&mut self, step: Step, recipient: &str) -> Option<Act> {
        let rule = self.rules.iter_mut().find(|rule| {
            rule.step == step && rule.times != Some(0) && rule.recipient.as_deref().is_none_or(|wanted| wanted == recipient)
        })?;
        if let Some(times) = &mut rule.times {
            *times -= 1;
        }
        Some(rule.act.clone())
    }
}
