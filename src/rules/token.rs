//! Client tokens: the same token with the same parameters is the same request, made again.

use super::verdict::Denial;
use crate::ec2::call::{Answer, Call, Create, CreateNatGateway, CreateRouteTable, Run};
use crate::ec2::id::Str;
use crate::ec2::world::World;

/// Parameters that carry a token.
pub trait Tokened: Clone {
    /// The call that they are of.
    fn call(self) -> Call;
}

macro_rules! tokened {
    ($($parameters:ident: $action:ident,)*) => {$(
        impl Tokened for $parameters {
            fn call(self) -> Call {
                Call::$action(self)
            }
        }
    )*};
}

tokened! {
    Create: CreateNetworkInterface,
    Run: RunInstances,
    CreateRouteTable: CreateRouteTable,
    CreateNatGateway: CreateNatGateway,
}

/// Whether the request was made before. A token that was used for another request is refused.
pub fn is_repeated<C: Tokened>(
    world: &World,
    token: Option<&Str>,
    call: &C,
) -> Result<bool, Denial> {
    let Some((first, _)) = token.and_then(|token| world.token(token)) else {
        return Ok(false);
    };
    if *first == call.clone().call() {
        return Ok(true);
    }
    Err(Denial::approximate(
        "IdempotentParameterMismatch",
        "The client token you have provided is associated with a resource that has different \
         parameters",
    )
    .because(format!("This token was used before for: {}.", first.line()))
    .instead("Use a new token for a new request."))
}

/// The answer of the first request with this token.
pub fn answered(world: &World, token: Option<&Str>) -> Option<Answer> {
    let (_, answer) = world.token(token?)?;
    Some(answer.clone())
}
