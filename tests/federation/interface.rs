//! What the interface must not let a caller say, checked on the descriptors that every client gets.

use std::collections::BTreeSet;

use prost::Message as _;
use prost_types::field_descriptor_proto::Type;
use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorSet};

struct Interface(FileDescriptorSet);

impl Interface {
    fn read() -> Self {
        Self(FileDescriptorSet::decode(huxin_wire::v1::DESCRIPTORS).unwrap())
    }

    fn message(&self, name: &str) -> &DescriptorProto {
        let own = |message: &&DescriptorProto| format!(".huxin.v1.{}", message.name()) == name;
        self.0.file.iter().flat_map(|file| &file.message_type).find(own).unwrap()
    }

    /// The names of all fields of the requests of a service, and of what they hold; `serialised` names messages that
    /// travel in them as bytes, which no descriptor shows.
    fn request_fields(&self, service: &str, serialised: &[&str]) -> BTreeSet<String> {
        let services = self.0.file.iter().flat_map(|file| &file.service);
        let methods = services.filter(|found| found.name() == service).flat_map(|found| &found.method);
        let mut waiting: Vec<String> = methods.map(|method| method.input_type().to_owned()).collect();
        assert!(!waiting.is_empty(), "no service {service}");
        waiting.extend(serialised.iter().map(|name| (*name).to_owned()));
        let (mut seen, mut fields) = (BTreeSet::new(), BTreeSet::new());
        while let Some(name) = waiting.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            for field in &self.message(&name).field {
                fields.insert(field.name().to_owned());
                if field.r#type() == Type::Message {
                    waiting.push(field.type_name().to_owned());
                }
            }
        }
        fields
    }

    fn enums(&self) -> Vec<&EnumDescriptorProto> {
        let files = self.0.file.iter().filter(|file| file.package() == "huxin.v1");
        files
            .flat_map(|file| {
                let inside = file.message_type.iter().flat_map(|message| &message.enum_type);
                file.enum_type.iter().chain(inside)
            })
            .collect()
    }
}

#[test]
fn no_caller_can_say_how_risky_a_place_is() {
    let fields = Interface::read().request_fields("Recognition", &[]);
    assert!(fields.contains("place_id") && fields.contains("home_region"), "{fields:?}");
    assert!(!fields.iter().any(|field| field.contains("risk")), "{fields:?}");
}

#[test]
fn no_node_can_say_for_which_province_it_asks() {
    let fields = Interface::read().request_fields("Peer", &[".huxin.v1.Query"]);
    assert!(fields.contains("legal_basis") && fields.contains("number"), "{fields:?}");
    let told = |field: &&String| ["region", "province", "issuer"].iter().any(|word| field.contains(word));
    assert_eq!(fields.iter().find(told), None);
}

#[test]
fn what_is_not_said_is_no_value_of_any_enum() {
    let interface = Interface::read();
    let enums = interface.enums();
    assert!(enums.len() >= 6, "{}", enums.len());
    for one in enums {
        let zero = one.value.iter().find(|value| value.number() == 0).unwrap();
        assert!(zero.name().ends_with("_UNSPECIFIED"), "{}", zero.name());
    }
}
