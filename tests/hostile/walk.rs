//! The fields of a request, found by walking its descriptor: a new field is tried by being there.

use std::sync::LazyLock;

use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, Value};

/// The contract. Read once: it takes longer than a call.
static CONTRACT: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(csp_proto::DESCRIPTORS).expect("the contract describes itself"));

/// Every method of every service of ours.
pub(crate) fn methods() -> Vec<MethodDescriptor> {
    let services: Vec<_> = CONTRACT.services().filter(|service| service.full_name().starts_with("csp.v1.")).collect();
    services.iter().flat_map(|service| service.methods().collect::<Vec<_>>()).collect()
}

/// `csp.v1.NewsService/CreateNewsItem`.
pub(crate) fn path_of(method: &MethodDescriptor) -> String {
    format!("{}/{}", method.parent_service().full_name(), method.name())
}

/// The way from a request to one of its strings.
#[derive(Debug, Clone)]
pub(crate) struct Place(Vec<FieldDescriptor>);

impl Place {
    /// Every string in a message of this type, nested and repeated ones too.
    pub(crate) fn all_in(message: &MessageDescriptor) -> Vec<Self> {
        let mut found = Vec::new();
        for field in message.fields() {
            match field.kind() {
                Kind::String => found.push(Self(vec![field])),
                // No message of the contract holds itself.
                Kind::Message(inner) => {
                    found.extend(Self::all_in(&inner).into_iter().map(|place| Self([vec![field.clone()], place.0].concat())));
                }
                _ => {}
            }
        }
        found
    }

    /// As a field violation names it: `answer.figures.figures[0].note`.
    pub(crate) fn name(&self) -> String {
        let part = |field: &FieldDescriptor| if field.is_list() { format!("{}[0]", field.name()) } else { field.name().to_owned() };
        self.0.iter().map(part).collect::<Vec<_>>().join(".")
    }

    /// As prost names it when the bytes do not read: without places in lists, and with the name of the group
    /// for fields that exclude each other.
    pub(crate) fn undecoded(&self) -> String {
        let part =
            |field: &FieldDescriptor| field.containing_oneof().map_or_else(|| field.name().to_owned(), |group| group.name().to_owned());
        self.0.iter().map(part).collect::<Vec<_>>().join(".")
    }

    /// The last part of its name.
    pub(crate) fn leaf(&self) -> &str {
        self.0.last().map_or("", FieldDescriptor::name)
    }

    /// What stands there; empty when nothing does.
    pub(crate) fn text(&self, message: &DynamicMessage) -> String {
        let mut at = Value::Message(message.clone());
        for field in &self.0 {
            let Value::Message(inner) = &at else { return String::new() };
            at = match inner.get_field(field).into_owned() {
                Value::List(list) => list.into_iter().next().unwrap_or(Value::String(String::new())),
                single => single,
            };
        }
        at.as_str().unwrap_or_default().to_owned()
    }

    /// Puts `text` there.
    pub(crate) fn put(&self, message: &mut DynamicMessage, text: &str) {
        put(message, &self.0, text);
    }
}

fn put(message: &mut DynamicMessage, way: &[FieldDescriptor], text: &str) {
    let Some((field, rest)) = way.split_first() else { return };
    let value = message.get_field_mut(field);
    let slot = match value {
        Value::List(list) => {
            if list.is_empty() {
                list.push(match field.kind() {
                    Kind::Message(inner) => Value::Message(DynamicMessage::new(inner)),
                    _ => Value::String(String::new()),
                });
            }
            &mut list[0]
        }
        single => single,
    };
    match slot {
        Value::Message(inner) => put(inner, rest, text),
        slot => *slot = Value::String(text.to_owned()),
    }
}

/// Every text in a message.
pub(crate) fn texts(message: &DynamicMessage) -> Vec<String> {
    fn of(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::String(text) => out.push(text.clone()),
            Value::Message(message) => message.fields().for_each(|(_, value)| of(value, out)),
            Value::List(list) => list.iter().for_each(|value| of(value, out)),
            _ => {}
        }
    }
    let mut out = Vec::new();
    message.fields().for_each(|(_, value)| of(value, &mut out));
    out
}
