//! Arazzo: expressions, conditions, documents, and the checker over our contract.

#![cfg(test)]

mod answers;
mod bodies;
mod conditions;
mod criteria;
mod documents;
mod doubts;
mod examples;
mod expressions;
mod features;
mod files;
mod flow;
mod meaning;
mod mutations;
mod newer;
mod support;
mod texts;
mod workflows;
