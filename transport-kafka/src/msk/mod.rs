mod factory;
mod provider;
mod sign;

pub use factory::MskIamFactory;
pub use provider::MskIamTokens;
