mod arguments;
mod check;
mod decode;
mod dynamic;
mod suggest;

use super::{Argument, Input, Item, Node, RoleNeeded};

/// The tree of the vectors.
fn deploy() -> Node {
    let item = |item, hint, help| Item::new(item, hint, help);
    let stages = Input::list(vec![item("prod", "live", "P"), item("prod eu", "live eu", "E"), item("staging", "", "")]);
    let start = Node::new("start", "[env]", "Begin a rollout")
        .with_argument(Argument::new("", stages))
        .with_argument(Argument::new("Why", Input::text("[reason]")).named("note").optional());
    let lock = Node::new("lock", "", "Freeze")
        .for_role(RoleNeeded::Administrator)
        .with_argument(Argument::new("Who", Input::text("[user]")))
        .with_argument(Argument::new("How long", Input::text("[hours]")));
    let levels = Input::list(vec![item("low", "", ""), item("high", "", "")]);
    let relay = Node::new("relay", "", "Notify")
        .with_argument(Argument::new("Level", levels).named("level").optional())
        .with_argument(Argument::new("To", Input::text("[who]")).named("to").optional());
    Node::new("deploy", "[action]", "Release tool")
        .with_sub_command(start)
        .with_sub_command(lock)
        .with_sub_command(Node::new("abort", "", "Stop").for_role(RoleNeeded::Blank))
        .with_sub_command(relay)
}
