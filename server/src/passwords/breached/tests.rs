use super::*;

fn password(text: &str) -> NewPassword {
    NewPassword::parse(text).expect("a password")
}

/// A file in the machine's temporary directory that is gone when the test ends.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str, content: &str) -> Self {
        let path = std::env::temp_dir().join(format!("portcullis-{}-{name}", std::process::id()));
        std::fs::write(&path, content).expect("a file");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _gone = std::fs::remove_file(&self.0);
    }
}

fn file_of(passwords: &[String], line: impl Fn(&str, usize) -> String) -> String {
    let mut hashes: Vec<String> =
        passwords.iter().map(|text| hex::encode_upper(Sha1::digest(text.as_bytes()))).collect();
    hashes.sort();
    hashes.iter().enumerate().map(|(at, hash)| line(hash, at)).collect()
}

#[test]
fn the_list_of_the_program_is_lower_case_and_long_enough_to_matter() {
    for line in COMMON.lines() {
        assert!(NewPassword::parse(line).is_ok(), "{line} is refused already");
        assert_eq!(line.to_lowercase(), line);
    }
}

#[test]
fn common_passwords_are_known_in_any_case_and_nothing_else_is() {
    let common = BreachedPasswords::common();
    for known in ["passwordpassword", "PasswordPassword", "qwertyuiop", "1234567890", "aaaaaaaaaaaa"] {
        assert!(common.hold(&password(known)).unwrap(), "{known}");
    }
    for other in ["correct horse battery", "password password", "  1234567890", "öööööööööö"] {
        assert!(!common.hold(&password(other)).unwrap(), "{other}");
    }
}

#[test]
fn a_file_is_searched_whatever_its_length_and_line_ends() {
    for count in [1, 2, 3, 100, 1_001] {
        let inside: Vec<String> = (0..count).map(|number| format!("in the file {number}")).collect();
        let forms: [fn(&str, usize) -> String; 4] = [
            |hash, at| format!("{hash}:{}\n", at * at * 7919),
            |hash, at| format!("{hash}:{at}\r\n"),
            |hash, _| format!("{}\n", hash.to_lowercase()),
            |hash, at| format!("{}{hash}:1", if at == 0 { "" } else { "\n" }),
        ];
        for (form, line) in forms.into_iter().enumerate() {
            let scratch = Scratch::new(&format!("{count}-{form}"), &file_of(&inside, line));
            let list = BreachedPasswords::with_file(&scratch.0).unwrap();
            for text in &inside {
                assert!(list.hold(&password(text)).unwrap(), "{text} of {count} in form {form}");
            }
            for number in 0..20 {
                assert!(!list.hold(&password(&format!("not in the file {number}"))).unwrap());
            }
            assert!(!list.hold(&password("IN THE FILE 0")).unwrap(), "hashes know no case");
            assert!(list.hold(&password("passwordpassword")).unwrap(), "the list of the program stays");
        }
    }
}

#[test]
fn what_is_no_such_file_is_refused_at_once() {
    let inside: Vec<String> = (0..50).map(|number| format!("in the file {number}")).collect();
    let sorted = file_of(&inside, |hash, _| format!("{hash}:3\n"));
    let backwards = sorted.lines().rev().collect::<Vec<_>>().join("\n");
    let by_range = sorted.lines().map(|line| &line[5..]).collect::<Vec<_>>().join("\n");
    for (name, content) in [
        ("empty", ""),
        ("blank", "\n\n"),
        ("words", "password\n123456\n"),
        ("long", &"A".repeat(10_000)),
        ("backwards", &backwards),
        ("range", &by_range),
    ] {
        let scratch = Scratch::new(name, content);
        let error = BreachedPasswords::with_file(&scratch.0).err().unwrap_or_else(|| panic!("{name} is taken"));
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{name}: {error}");
    }
    assert!(BreachedPasswords::with_file(Path::new("/no/such/file")).is_err());
    assert!(BreachedPasswords::with_file(&std::env::temp_dir()).is_err());
}
