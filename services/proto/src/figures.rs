//! Figures, bounded while they are read.
//!
//! An empty figure takes two bytes on the wire and 112 in memory, and messages are read before anybody asks who
//! sent them. So this one message is written by hand: entries beyond what a return may have are passed over, but for one, so that
//! whoever judges the return still sees that there were too many. In all else it is what prost would have generated.

use prost::{
    DecodeError, Message,
    bytes::{Buf, BufMut},
    encoding::{DecodeContext, WireType, message, skip_field},
};

use crate::v1::{Figure, QuotedFigure};

/// Figures and quoted figures, together at least one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Figures {
    /// At most 2,000; one for each indicator and period.
    pub figures: Vec<Figure>,
    /// At most 100.
    pub quoted_figures: Vec<QuotedFigure>,
}

impl Figures {
    /// The most figures a return has.
    pub const MAX_FIGURES: usize = 2_000;
    /// The most quoted figures a return has.
    pub const MAX_QUOTED: usize = 100;
}

/// Reads one more entry, unless there are too many already.
fn merge_bounded<M: Message + Default>(
    entries: &mut Vec<M>,
    most: usize,
    (tag, wire_type): (u32, WireType),
    buf: &mut impl Buf,
    context: DecodeContext,
) -> Result<(), DecodeError> {
    if entries.len() > most { skip_field(wire_type, tag, buf, context) } else { message::merge_repeated(wire_type, entries, buf, context) }
}

impl Message for Figures {
    fn encode_raw(&self, buf: &mut impl BufMut) {
        message::encode_repeated(1, &self.figures, buf);
        message::encode_repeated(2, &self.quoted_figures, buf);
    }

    fn merge_field(&mut self, tag: u32, wire_type: WireType, buf: &mut impl Buf, context: DecodeContext) -> Result<(), DecodeError> {
        let (read, field) = match tag {
            1 => (merge_bounded(&mut self.figures, Self::MAX_FIGURES, (tag, wire_type), buf, context), "figures"),
            2 => (merge_bounded(&mut self.quoted_figures, Self::MAX_QUOTED, (tag, wire_type), buf, context), "quoted_figures"),
            _ => return skip_field(wire_type, tag, buf, context),
        };
        read.map_err(|mut error| {
            error.push("Figures", field);
            error
        })
    }

    fn encoded_len(&self) -> usize {
        message::encoded_len_repeated(1, &self.figures) + message::encoded_len_repeated(2, &self.quoted_figures)
    }

    fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use prost_types::FileDescriptorSet;

    use super::*;
    use crate::v1::{CreateReturnRequest, Return, r#return::Content};

    fn figures(count: usize, quoted: usize) -> Figures {
        let figure = Figure { indicator: "regions/northumbria/indicators/burglary".into(), note: "Zoë".into(), ..Default::default() };
        Figures { figures: vec![figure; count], quoted_figures: vec![QuotedFigure { value: "61%".into(), ..Default::default() }; quoted] }
    }

    #[test]
    fn as_many_as_a_return_may_have_are_read_as_they_were_written() {
        let sent = figures(Figures::MAX_FIGURES, Figures::MAX_QUOTED);
        assert_eq!(Figures::decode(&*sent.encode_to_vec()), Ok(sent));
        let answer = Return { content: Some(Content::Figures(figures(2, 1))), ..Default::default() };
        let request = CreateReturnRequest { answer: Some(answer), ..Default::default() };
        assert_eq!(CreateReturnRequest::decode(&*request.encode_to_vec()), Ok(request));
    }

    #[test]
    fn of_more_one_is_kept_to_tell_that_there_are_too_many_and_no_memory_is_spent_on_the_others() {
        let sent = figures(20_000, 1_000).encode_to_vec();
        let read = Figures::decode(&*sent).unwrap();
        assert_eq!((read.figures.len(), read.quoted_figures.len()), (Figures::MAX_FIGURES + 1, Figures::MAX_QUOTED + 1));
        assert!(read.figures.capacity() <= 4_096 && read.quoted_figures.capacity() <= 256);
    }

    #[test]
    fn what_is_wrong_inside_is_told_with_its_field() {
        let error = CreateReturnRequest::decode(&b"\x12\x08\x1a\x06\x0a\x04\x0a\x02\xff\xfe"[..]).unwrap_err().to_string();
        assert!(
            error.contains("Figure.indicator: ") && error.contains("Figures.figures: ") && error.contains("Return.content: "),
            "{error}"
        );
    }

    #[test]
    fn the_contract_has_the_fields_that_are_written_here_and_no_other() {
        let contract = FileDescriptorSet::decode(crate::DESCRIPTORS).unwrap();
        let messages = contract.file.iter().filter(|file| file.package() == "csp.v1").flat_map(|file| &file.message_type);
        let fields: Vec<(i32, &str)> = messages
            .filter(|message| message.name() == "Figures")
            .flat_map(|message| &message.field)
            .map(|field| (field.number(), field.name()))
            .collect();
        assert_eq!(fields, [(1, "figures"), (2, "quoted_figures")]);
        let written = Figures { figures: vec![Figure::default()], quoted_figures: vec![QuotedFigure::default()] }.encode_to_vec();
        assert_eq!(written, b"\x0a\x00\x12\x00");
    }
}
