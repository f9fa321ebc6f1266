//! Compiles the contract with protox, so that nobody needs `protoc`.

use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let root = PathBuf::from("../../proto");
    println!("cargo::rerun-if-changed={}", root.display());
    let mut files: Vec<PathBuf> = fs::read_dir(root.join("csp/v1"))?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    files.sort();

    let mut compiler = protox::Compiler::new([&root])?;
    compiler.include_imports(true).include_source_info(true).open_files(&files)?;
    let with_comments = compiler.file_descriptor_set();
    let mut methods = String::from("&[\n");
    for file in with_comments.file.iter().filter(|file| file.package() == "csp.v1") {
        for service in &file.service {
            for method in &service.method {
                methods.push_str(&format!("    \"csp.v1.{}/{}\",\n", service.name(), method.name()));
            }
        }
    }
    methods.push_str("]\n");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("methods.rs"), methods)?;
    // What reflection serves needs no comments, and is a third of the size.
    compiler.include_source_info(false);
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;

    // Figures are read within bounds; see `figures.rs`.
    tonic_prost_build::configure().extern_path(".csp.v1.Figures", "crate::figures::Figures").compile_fds(with_comments)?;
    Ok(())
}
