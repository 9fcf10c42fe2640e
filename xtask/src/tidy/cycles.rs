//! No module of a crate depends on another in a circle, save parent and child.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use syn::visit_mut::{self, VisitMut};
use syn::{File, Item, UseTree};

/// A module's path inside its crate; the root is empty.
type Module = Vec<String>;

/// The circles of one crate, each as one fault.
pub(super) fn check(source: &Path, name: &str) -> anyhow::Result<Vec<String>> {
    let tree = Tree::read(source)?;
    let circles = circles(&tree.arrows()).into_iter();
    Ok(circles
        .map(|circle| {
            let modules: Vec<_> = circle.iter().map(|module| module.join("::")).collect();
            format!(
                "{name}: modules depend on each other in a circle: {}\n  fix: move what they share into a module of its own",
                modules.join(", ")
            )
        })
        .collect())
}

/// The modules of a crate with what each file names.
#[derive(Default)]
struct Tree {
    /// Paths that stand in each module, from the root.
    paths: BTreeMap<Module, BTreeSet<Module>>,
    /// What each module re-exports: name to path from the root.
    exports: BTreeMap<Module, BTreeMap<String, Module>>,
}

impl Tree {
    fn read(source: &Path) -> anyhow::Result<Self> {
        let mut tree = Self::default();
        let root = ["lib.rs", "main.rs"].map(|file| source.join(file));
        if let Some(root) = root.into_iter().find(|root| root.is_file()) {
            tree.file(&root, source, Module::new())?;
        }
        Ok(tree)
    }

    /// Reads a module's file; its children are in `folder`.
    fn file(&mut self, path: &Path, folder: &Path, module: Module) -> anyhow::Result<()> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let parsed = syn::parse_file(&text).with_context(|| path.display().to_string())?;
        self.items(parsed, folder, module)
    }

    fn items(&mut self, file: File, folder: &Path, module: Module) -> anyhow::Result<()> {
        let mut names = Names {
            module: module.clone(),
            paths: BTreeSet::new(),
        };
        let mut exports = BTreeMap::new();
        for mut item in file.items {
            match &mut item {
                Item::Mod(child) if is_test(&child.attrs) => {}
                Item::Mod(child) => {
                    let name = child.ident.to_string();
                    let below: Module = module.iter().cloned().chain([name.clone()]).collect();
                    let inner = folder.join(&name);
                    match child.content.take() {
                        Some((_, items)) => {
                            let file = File {
                                shebang: None,
                                attrs: Vec::new(),
                                items,
                            };
                            self.items(file, &inner, below)?;
                        }
                        None => self.file(&file_of(folder, &name), &inner, below)?,
                    }
                }
                Item::Use(used) => {
                    let is_public = !matches!(used.vis, syn::Visibility::Inherited);
                    let mut leaves = Vec::new();
                    flatten(&used.tree, &mut Vec::new(), &mut leaves);
                    for (path, name) in leaves {
                        let path = absolute(&module, &path);
                        if is_public {
                            exports.insert(name, path.clone());
                        }
                        names.paths.insert(path);
                    }
                }
                item => names.visit_item_mut(item),
            }
        }
        self.exports.insert(module.clone(), exports);
        self.paths.insert(module, names.paths);
        Ok(())
    }

    /// Which module depends on which, without parents and children.
    fn arrows(&self) -> BTreeMap<&Module, BTreeSet<&Module>> {
        let mut arrows = BTreeMap::new();
        for (module, paths) in &self.paths {
            let targets = paths.iter().filter_map(|path| self.resolve(path, 0));
            let others = targets.filter(|to| !to.starts_with(module) && !module.starts_with(to));
            arrows.insert(module, others.collect());
        }
        arrows
    }

    /// The module that a path leads to, through re-exports.
    fn resolve(&self, path: &[String], depth: usize) -> Option<&Module> {
        let mut at: Module = Vec::new();
        for segment in path {
            let below: Module = at.iter().cloned().chain([segment.clone()]).collect();
            if self.paths.contains_key(&below) {
                at = below;
                continue;
            }
            let exported = self.exports.get(&at).and_then(|names| names.get(segment));
            return match exported {
                // Re-exports lead on, but not for ever.
                Some(target) if depth < 8 && *target != path => self.resolve(target, depth + 1),
                _ => self.paths.get_key_value(&at).map(|(module, _)| module),
            };
        }
        self.paths.get_key_value(&at).map(|(module, _)| module)
    }
}

fn file_of(folder: &Path, name: &str) -> PathBuf {
    let beside = folder.join(format!("{name}.rs"));
    match beside.is_file() {
        true => beside,
        false => folder.join(name).join("mod.rs"),
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|it| it.is_ident("test"))
    })
}

/// Every path of a `use`, with the name it is known by here.
fn flatten(tree: &UseTree, before: &mut Module, leaves: &mut Vec<(Module, String)>) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            flatten(&path.tree, before, leaves);
            before.pop();
        }
        UseTree::Name(name) => leaf(
            before,
            &name.ident.to_string(),
            &name.ident.to_string(),
            leaves,
        ),
        UseTree::Rename(name) => leaf(
            before,
            &name.ident.to_string(),
            &name.rename.to_string(),
            leaves,
        ),
        UseTree::Glob(_) => leaves.push((before.clone(), String::new())),
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, before, leaves);
            }
        }
    }
}

fn leaf(before: &[String], name: &str, known_as: &str, leaves: &mut Vec<(Module, String)>) {
    let mut path = before.to_vec();
    if name != "self" {
        path.push(name.to_owned());
    }
    leaves.push((path, known_as.to_owned()));
}

/// A path from the crate's root. One that leaves the crate leads to a name that no module has.
fn absolute(module: &[String], path: &[String]) -> Module {
    let mut base = module.to_vec();
    let mut rest = path.iter();
    match path.first().map(String::as_str) {
        Some("crate") => {
            base.clear();
            rest.next();
        }
        Some("self") => drop(rest.next()),
        Some("super") => {
            while rest.clone().next().is_some_and(|it| it == "super") {
                base.pop();
                rest.next();
            }
        }
        _ => {}
    }
    base.extend(rest.cloned());
    base
}

/// Collects the paths that name modules outside of `use`.
struct Names {
    module: Module,
    paths: BTreeSet<Module>,
}

impl VisitMut for Names {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        let segments: Module = path
            .segments
            .iter()
            .map(|it| it.ident.to_string())
            .collect();
        if segments.len() > 1 {
            self.paths.insert(absolute(&self.module, &segments));
        }
        visit_mut::visit_path_mut(self, path);
    }
}

/// Groups of modules of which each reaches each other.
fn circles<'a>(arrows: &BTreeMap<&'a Module, BTreeSet<&'a Module>>) -> Vec<BTreeSet<&'a Module>> {
    let reach = |from: &'a Module| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(module) = open.pop() {
            for next in arrows.get(module).into_iter().flatten() {
                if seen.insert(*next) {
                    open.push(next);
                }
            }
        }
        seen
    };
    let reached: BTreeMap<_, _> = arrows
        .keys()
        .map(|module| (*module, reach(module)))
        .collect();
    let mut circles: Vec<BTreeSet<&Module>> = Vec::new();
    for (module, seen) in &reached {
        let known = circles.iter().any(|circle| circle.contains(module));
        if seen.contains(module) && !known {
            let back = seen
                .iter()
                .filter(|other| reached.get(**other).is_some_and(|it| it.contains(module)));
            circles.push(back.copied().collect());
        }
    }
    circles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles_of(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (file, text) in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        check(folder.path(), "x").unwrap()
    }

    #[test]
    fn a_circle_is_found_through_re_exports_and_paths() {
        let root = ("lib.rs", "mod a;\nmod b;\nmod c;\npub use a::A;\n");
        let a = ("a.rs", "pub struct A;\nfn f() { crate::b::g(); }\n");
        let straight = (
            "b.rs",
            "pub fn g() {}\n#[cfg(test)]\nmod tests { use crate::A; }\n",
        );
        let back = ("b.rs", "use crate::A;\npub fn g() {}\n");
        let c = ("c.rs", "use super::{a::A, b};\n");
        assert_eq!(circles_of(&[root, a, straight, c]), Vec::<String>::new());
        let found = circles_of(&[root, a, back, c]);
        assert_eq!(found.len(), 1);
        assert!(
            found[0].starts_with("x: modules depend on each other in a circle: a, b\n"),
            "{found:?}"
        );
    }

    #[test]
    fn parents_and_children_may_know_each_other() {
        let files = [
            ("lib.rs", "mod a;\npub struct Root;\n"),
            (
                "a.rs",
                "mod b;\nuse self::b::B;\npub struct A;\nuse crate::Root;\n",
            ),
            ("a/b.rs", "use super::A;\npub struct B;\n"),
        ];
        assert_eq!(circles_of(&files), Vec::<String>::new());
    }
}
