//! Names of the methods that subscribe to streams, and of their arguments.

use super::rule::{param_name, stream_name};
use super::table::Rows;
use super::{Names, Scope};
use crate::Diagnostic;
use crate::model::{Location, Model};

impl Names {
    pub(super) fn name_streams(
        &mut self,
        model: &Model,
        rows: &Rows,
        faults: &mut Vec<Diagnostic>,
    ) {
        let Some(streams) = &model.streams else {
            return;
        };
        let calls = streams.calls();
        let mut scope = Scope::of("stream", "_");
        for call in &calls {
            let given = rows.streams.get(call.address);
            let wanted = stream_name(call.address, &calls);
            scope.add(call.address, given, wanted, &call.channel.place);
        }
        self.streams = scope.settle(self, faults);
        for (address, channel) in &streams.channels {
            let mut scope = Scope::of("parameter", "_");
            for param in &channel.params {
                let wanted = param_name(&param.name, Location::Path);
                scope.add(&param.name, None, wanted, &channel.place);
            }
            for (param, rust) in scope.settle(self, faults) {
                self.stream_params.insert((address.clone(), param), rust);
            }
        }
    }

    /// The Rust name of the method for a stream, by its address.
    pub fn stream(&self, address: &str) -> &str {
        self.streams.get(address).map_or("", String::as_str)
    }

    /// The Rust name of a parameter of an address.
    pub fn stream_param(&self, address: &str, param: &str) -> &str {
        let key = (address.to_owned(), param.to_owned());
        self.stream_params.get(&key).map_or("", String::as_str)
    }
}
