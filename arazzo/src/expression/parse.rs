//! The grammar of runtime expressions, 1.0.1 and 1.1.0.

use super::{ExpressionError, Part, Reference, Root, Rules, Side, Version};
use crate::near::name_one_of;
use bpx_contract::pointer::unescape;

type Parsed<T> = Result<T, ExpressionError>;

/// What may follow the dollar sign, and what is read after it.
const ROOTS: [(&str, Form); 12] = [
    ("url", Form::Alone(Root::Url)),
    ("method", Form::Alone(Root::Method)),
    ("statusCode", Form::Alone(Root::StatusCode)),
    ("self", Form::Alone(Root::SelfUri)),
    ("request", Form::After(request)),
    ("response", Form::After(response)),
    ("inputs", Form::After(inputs)),
    ("outputs", Form::After(outputs)),
    ("steps", Form::After(steps)),
    ("workflows", Form::After(workflows)),
    ("sourceDescriptions", Form::After(sources)),
    ("components", Form::After(components)),
];

const PARTS: [&str; 4] = ["header", "query", "path", "body"];
const COMPONENTS: [&str; 4] = ["inputs", "parameters", "successActions", "failureActions"];

enum Form {
    Alone(Root),
    After(fn(Rest<'_>) -> Parsed<Root>),
}

/// What is still to be read, and where it begins.
#[derive(Clone, Copy)]
struct Rest<'a> {
    text: &'a str,
    at: usize,
    rules: Rules,
}

pub(super) fn root(text: &str, rules: Rules) -> Parsed<Root> {
    let Some(rest) = text.strip_prefix('$') else {
        let fix = "begin it with `$`";
        return Err(ExpressionError::new(
            0,
            format!("`{text}` is not a runtime expression"),
            fix,
        ));
    };
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric());
    let (head, tail) = rest.split_at(end.unwrap_or(rest.len()));
    let tail = Rest {
        text: tail,
        at: 1 + head.len(),
        rules,
    };
    if head == "message" {
        return Err(tail.fault(
            "`$message` belongs to asynchronous steps of 1.1.0, which are not run here",
            "use an HTTP operation, and `$response`",
        ));
    }
    match ROOTS.into_iter().find(|(name, _)| *name == head) {
        Some((_, Form::Alone(Root::SelfUri))) if rules.version == Version::V1_0 => Err(tail.fault(
            "`$self` came with 1.1.0",
            "write `arazzo: 1.1.0`, or leave it out",
        )),
        Some((_, Form::Alone(root))) if tail.text.is_empty() => Ok(root),
        Some((_, Form::Alone(_))) => {
            Err(tail.fault(format!("nothing may follow `${head}`"), "end it here"))
        }
        Some((_, Form::After(read))) => read(tail.after_dot(head)?),
        None => {
            let names = ROOTS.iter().map(|(name, _)| *name);
            Err(ExpressionError::new(
                1,
                format!("no expression begins with `${head}`"),
                name_one_of(head, names),
            ))
        }
    }
}

impl<'a> Rest<'a> {
    fn fault(self, problem: impl Into<String>, fix: impl Into<String>) -> ExpressionError {
        ExpressionError::new(self.at, problem, fix)
    }

    fn skip(self, bytes: usize) -> Self {
        Self {
            text: self.text.get(bytes..).unwrap_or_default(),
            at: self.at + bytes,
            ..self
        }
    }

    /// 1.0.1 has the operators of conditions in no value, and its own examples use them there: `$response.body.id`.
    fn with_operators(self) -> Self {
        let operators = self.rules.operators || self.rules.version == Version::V1_0;
        Self {
            rules: Rules {
                operators,
                ..self.rules
            },
            ..self
        }
    }

    fn after_dot(self, before: &str) -> Parsed<Self> {
        if self.text.starts_with('.') && self.text.len() > 1 {
            return Ok(self.skip(1));
        }
        Err(self.fault(
            format!("a dot and a name are missing after `{before}`"),
            "write the full name",
        ))
    }

    /// The part up to the next dot, and what follows the dot.
    fn word(self, what: &str) -> Parsed<(&'a str, Self)> {
        let end = self.text.find(['.', '#', '[']).unwrap_or(self.text.len());
        let word = self.text.get(..end).unwrap_or_default();
        if word.is_empty() {
            return Err(self.fault(format!("{what} is missing here"), "name it"));
        }
        self.plain(word)?;
        Ok((word, self.skip(end)))
    }

    /// Names are ASCII; 1.1.0 keeps braces for templates.
    fn plain(self, name: &str) -> Parsed<()> {
        let bad = |c: char| {
            !c.is_ascii()
                || c.is_ascii_control()
                || (self.rules.version >= Version::V1_1 && matches!(c, '{' | '}'))
        };
        match name.find(bad) {
            None => Ok(()),
            Some(at) => Err(self.skip(at).fault(
                "a name in an expression cannot hold this character",
                "rewrite the full name, with ASCII letters, digits, `_` and `-`",
            )),
        }
    }

    /// A name, and a way into its value.
    fn reference(self) -> Parsed<Reference> {
        let bracket = self.rules.operators.then(|| self.text.find('[')).flatten();
        let end = self.text.find("#/").or(bracket);
        let name = self.text.get(..end.unwrap_or(self.text.len()));
        let name = name.unwrap_or_default();
        if name.is_empty() {
            return Err(self.fault("a name is missing here", "write the full name"));
        }
        if self.rules.version >= Version::V1_1 && name.contains('#') {
            return Err(self.fault(
                "after `#` comes a JSON Pointer, which begins with `/`",
                "write `#/…`, or remove the `#`",
            ));
        }
        self.plain(name)?;
        let rest = self.skip(name.len());
        let pointer = match rest.text.strip_prefix('#') {
            Some(_) => rest.skip(1).pointer()?,
            None => rest.steps()?,
        };
        Ok(Reference {
            name: name.to_owned(),
            pointer,
        })
    }

    /// Tokens of a JSON Pointer (RFC 6901), unescaped; in a condition an index may follow.
    fn pointer(self) -> Parsed<Vec<String>> {
        if self.text.is_empty() {
            return Ok(Vec::new());
        }
        if !self.text.starts_with('/') {
            return Err(self.fault(
                "a JSON Pointer begins with `/`",
                "write `#/…`, or end the expression at `body`",
            ));
        }
        let bracket = self.rules.operators.then(|| self.text.find('[')).flatten();
        let end = bracket.unwrap_or(self.text.len());
        let mut tokens = Vec::new();
        let mut at = self.skip(1);
        for token in self.text.get(1..end).unwrap_or_default().split('/') {
            tokens.push(at.token(token)?);
            at = at.skip(token.len() + 1);
        }
        tokens.extend(self.skip(end).steps()?);
        Ok(tokens)
    }

    fn token(self, token: &str) -> Parsed<String> {
        let banned = |c: char| matches!(c, '{' | '}');
        if let Some(at) = token
            .find(banned)
            .filter(|_| self.rules.version >= Version::V1_1)
        {
            return Err(self.skip(at).fault(
                "1.1.0 bans braces from pointers",
                "take the whole object, or write `arazzo: 1.0.1`",
            ));
        }
        for (at, _) in token.match_indices('~') {
            if !matches!(token.as_bytes().get(at + 1), Some(b'0' | b'1')) {
                return Err(self.skip(at).fault(
                    "`~` begins an escape, and only `~0` and `~1` are escapes",
                    "write `~0` for `~` itself",
                ));
            }
        }
        Ok(unescape(token).into_owned())
    }

    /// The operators of conditions: `.name`, `[0]`, `['name']`.
    fn steps(self) -> Parsed<Vec<String>> {
        let mut tokens = Vec::new();
        let mut rest = self;
        while !rest.text.is_empty() {
            if !self.rules.operators {
                return Err(rest.fault(
                    "this follows no name and no pointer",
                    "write a JSON Pointer: `#/…`",
                ));
            }
            let (token, length) = rest.step()?;
            tokens.push(token);
            rest = rest.skip(length);
        }
        Ok(tokens)
    }

    fn step(self) -> Parsed<(String, usize)> {
        if let Some(inner) = self.text.strip_prefix('[') {
            let (index, _) = inner
                .split_once(']')
                .ok_or_else(|| self.fault("`[` is not closed", "close it with `]`"))?;
            let quoted = index
                .strip_prefix('\'')
                .and_then(|it| it.strip_suffix('\''));
            let number = !index.is_empty() && index.bytes().all(|it| it.is_ascii_digit());
            return match quoted {
                Some(name) => Ok((name.to_owned(), index.len() + 2)),
                None if number => Ok((index.to_owned(), index.len() + 2)),
                None => Err(self.skip(1).fault(
                    format!("`[{index}]` is not an index"),
                    "write a number, or a name in single quotes",
                )),
            };
        }
        let (name, _) = self.after_dot("this")?.word("a name")?;
        Ok((name.to_owned(), name.len() + 1))
    }
}

fn request(rest: Rest<'_>) -> Parsed<Root> {
    part(rest).map(Root::Request)
}

fn response(rest: Rest<'_>) -> Parsed<Root> {
    part(rest).map(Root::Response)
}

fn part(rest: Rest<'_>) -> Parsed<Part> {
    let (word, after) = rest.word("a part of the message")?;
    let named = || after.after_dot(word);
    match word {
        "header" => token(named()?).map(Part::Header),
        "query" => whole(named()?).map(Part::Query),
        "path" => whole(named()?).map(Part::Path),
        "body" if after.text.starts_with('#') => after.skip(1).pointer().map(Part::Body),
        "body" => after.with_operators().steps().map(Part::Body),
        _ => Err(rest.fault(
            format!("a message has no part `{word}`"),
            name_one_of(word, PARTS),
        )),
    }
}

/// A header's name: a token of RFC 9110, 5.6.2.
fn token(rest: Rest<'_>) -> Parsed<String> {
    let bad = |c: char| !(c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c));
    match rest.text.find(bad) {
        None => Ok(rest.text.to_owned()),
        Some(at) => Err(rest.skip(at).fault(
            "a header's name cannot hold this character",
            "name the header as it is sent",
        )),
    }
}

fn whole(rest: Rest<'_>) -> Parsed<String> {
    rest.plain(rest.text)?;
    Ok(rest.text.to_owned())
}

fn inputs(rest: Rest<'_>) -> Parsed<Root> {
    rest.reference().map(Root::Inputs)
}

fn outputs(rest: Rest<'_>) -> Parsed<Root> {
    rest.reference().map(Root::Outputs)
}

fn steps(rest: Rest<'_>) -> Parsed<Root> {
    let (id, after) = rest.word("the step's id")?;
    let rest = after.after_dot(id)?;
    let (word, after) = rest.word("`outputs`")?;
    if word != "outputs" {
        return Err(rest.fault(
            format!("a step has no `{word}`"),
            format!("write `$steps.{id}.outputs.NAME`"),
        ));
    }
    Ok(Root::Step {
        id: id.to_owned(),
        output: after.after_dot(word)?.reference()?,
    })
}

fn workflows(rest: Rest<'_>) -> Parsed<Root> {
    let (id, after) = rest.word("the workflow's id")?;
    let rest = after.after_dot(id)?;
    let (word, after) = rest.word("`inputs` or `outputs`")?;
    let side = match word {
        "inputs" => Side::Inputs,
        "outputs" => Side::Outputs,
        _ => {
            return Err(rest.fault(
                format!("a workflow has no `{word}`"),
                name_one_of(word, ["inputs", "outputs"]),
            ));
        }
    };
    Ok(Root::Workflow {
        id: id.to_owned(),
        side,
        value: after.after_dot(word)?.reference()?,
    })
}

fn sources(rest: Rest<'_>) -> Parsed<Root> {
    let (name, after) = rest.word("the source's name")?;
    Ok(Root::Source {
        name: name.to_owned(),
        field: whole(after.after_dot(name)?)?,
    })
}

fn components(rest: Rest<'_>) -> Parsed<Root> {
    let (kind, after) = rest.word("a kind of component")?;
    if !COMPONENTS.contains(&kind) {
        return Err(rest.fault(
            format!("there are no components of the kind `{kind}`"),
            name_one_of(kind, COMPONENTS),
        ));
    }
    Ok(Root::Component {
        kind: kind.to_owned(),
        name: whole(after.after_dot(kind)?)?,
    })
}
