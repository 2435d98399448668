//! Names of people from many languages, and the addresses that companies make of them.

use std::collections::HashSet;

use domain::slug::Slug;
use rand::Rng;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;

/// Names that go together. One in another script has its Latin spelling behind a bar.
struct Pool {
    family_first: bool,
    given: &'static [&'static str],
    family: &'static [&'static str],
}

const fn pool(given: &'static [&'static str], family: &'static [&'static str]) -> Pool {
    Pool { family_first: false, given, family }
}

#[rustfmt::skip]
static POOLS: &[Pool] = &[
    pool(&["Anna", "Bengt", "Elin", "Freja", "Gustav", "Ingrid", "Karin", "Lars", "Maja", "Nils", "Sigrid", "Torbjörn"],
         &["Andersson", "Björk", "Dahl", "Ekström", "Hansen", "Holm", "Lindqvist", "Nyström", "Sørensen", "Sjögren", "Wikström", "Åkesson"]),
    pool(&["Benedikt", "Clara", "Felix", "Greta", "Hannes", "Johanna", "Jürgen", "Katharina", "Lukas", "Miriam", "Sönke", "Ulrike"],
         &["Bäcker", "Brandt", "Friedrich", "Groß", "Hoffmann", "Krüger", "Löwe", "Neumann", "Schäfer", "Vogel", "Weiß", "Zimmermann"]),
    pool(&["Abigail", "Bethany", "Callum", "Daniel", "Eleanor", "Fiona", "Graham", "Harriet", "Imogen", "Malcolm", "Rhys", "Siobhán"],
         &["Ashworth", "Bennett", "Clarke", "Driscoll", "Evans", "Fletcher", "Hughes", "MacLeod", "O’Neill", "Pritchard", "Sinclair", "Whitfield"]),
    pool(&["Aurélie", "Bastien", "Camille", "Chloé", "Étienne", "Gaëlle|gaelle", "Hélène", "Léo", "Mathilde", "Noémie", "Rémi", "Théo"],
         &["Bernard", "Chevalier", "Dubois", "Fournier", "Garnier", "Lefèvre", "Marchand", "Moreau", "Perrin", "Rousseau", "Tessier", "Vidal"]),
    pool(&["Alejandra", "Begoña", "Carlos", "Diego", "Inés", "Joaquín", "Lucía", "Mateo", "Nuria", "Rocío", "Sofía", "Tomás"],
         &["Álvarez", "Cárdenas", "Delgado", "Fuentes", "Gutiérrez", "Ibáñez", "Morales", "Núñez", "Ortega", "Peña", "Romero", "Vázquez"]),
    pool(&["Beatriz", "Caio", "Fernanda", "Gonçalo", "Helena", "João", "Larissa", "Luísa", "Otávio", "Rafael", "Tiago", "Vitória"],
         &["Almeida", "Azevedo", "Barbosa", "Cardoso", "Esteves", "Lourenço", "Magalhães", "Nogueira", "Pereira", "Simões", "Teixeira", "Valadão"]),
    pool(&["Agnieszka", "Bartosz", "Danuta", "Eliška", "Grażyna", "Jiří", "Kateřina", "Łukasz", "Małgorzata", "Ondřej", "Paweł", "Zuzana"],
         &["Dąbrowska", "Dvořák", "Jankowski", "Kowalczyk", "Krejčí", "Mazur", "Novák", "Pokorný", "Szymańska", "Wójcik", "Zając", "Žák"]),
    pool(&["Ayşe", "Burak", "Cem", "Çağla", "Deniz", "Elif", "Gökhan", "Leyla", "Mehmet", "Nur", "Selin", "Yağmur"],
         &["Acar", "Aydın", "Çelik", "Doğan", "Kaya", "Koç", "Öztürk", "Polat", "Şahin", "Tunç", "Yıldız", "Yılmaz"]),
    pool(&["Abena", "Adaeze", "Chidi", "Esi", "Folake", "Ifeoma", "Kofi", "Kwame", "Ngozi", "Olumide", "Tendai", "Zola"],
         &["Abara", "Adeyemi", "Asante", "Boateng", "Dlamini", "Eze", "Mbeki", "Moyo", "Nkosi", "Okafor", "Owusu", "Sithole"]),
    pool(&["Aarav", "Ananya", "Arjun", "Deepika", "Farhan", "Ishaan", "Kavya", "Meera", "Nikhil", "Priya", "Rohan", "Zara"],
         &["Banerjee", "Chaudhary", "Desai", "Gupta", "Iyer", "Kapoor", "Menon", "Nair", "Qureshi", "Rao", "Siddiqui", "Varma"]),
    pool(&["أمل|amal", "خالد|khalid", "ليلى|layla", "محمد|mohammed", "نور|nour", "يوسف|yousef"],
         &["الحداد|alhaddad", "الخطيب|alkhatib", "السيد|alsayed", "المصري|almasri", "النجار|alnajjar", "حسن|hassan"]),
    pool(&["Андрій|andrii", "Дарья|darya", "Елена|elena", "Иван|ivan", "Олена|olena", "Пётр|pyotr"],
         &["Бондаренко|bondarenko", "Волков|volkov", "Коваленко|kovalenko", "Мороз|moroz", "Орлов|orlov", "Шевченко|shevchenko"]),
    pool(&["Αθηνά|athina", "Γιώργος|giorgos", "Ελένη|eleni", "Νίκος|nikos"],
         &["Δημητρίου|dimitriou", "Παππάς|pappas", "Οικονόμου|oikonomou", "Βλάχου|vlachou"]),
    Pool { family_first: true,
        given: &["俊杰|junjie", "晓明|xiaoming", "美玲|meiling", "思远|siyuan", "雨桐|yutong", "志强|zhiqiang"],
        family: &["陈|chen", "黄|huang", "李|li", "王|wang", "吴|wu", "张|zhang"] },
    Pool { family_first: true,
        given: &["愛子|aiko", "大輔|daisuke", "花子|hanako", "健太|kenta", "美咲|misaki", "拓也|takuya"],
        family: &["伊藤|ito", "小林|kobayashi", "佐藤|sato", "鈴木|suzuki", "高橋|takahashi", "渡辺|watanabe"] },
    Pool { family_first: true,
        given: &["민준|minjun", "서연|seoyeon", "지훈|jihun", "하은|haeun"],
        family: &["김|kim", "박|park", "이|lee", "최|choi"] },
    Pool { family_first: true,
        given: &["Anh", "Bảo|bao", "Hương|huong", "Linh", "Minh", "Thảo|thao"],
        family: &["Đặng|dang", "Lê|le", "Nguyễn|nguyen", "Phạm|pham", "Trần|tran", "Vũ|vu"] },
];

/// A name as its owner writes it, and the part before the @ that a company makes of it.
pub(super) struct Name {
    pub(super) text: String,
    pub(super) local: String,
}

/// Anybody's name.
pub(super) fn name(rng: &mut StdRng) -> Name {
    // Each given name is as likely as any other, so that no small pool repeats itself.
    let pool = POOLS.choose_weighted(rng, |pool| pool.given.len()).unwrap_or(&POOLS[0]);
    let mut pick = |names: &'static [&'static str]| spellings(names.choose(rng).copied().unwrap_or("Kim"));
    let (given, family) = (pick(pool.given), pick(pool.family));
    let text = match pool.family_first {
        false => format!("{} {}", given.0, family.0),
        true if is_latin(family.0) => format!("{} {}", family.0, given.0),
        // Written without a space, where the script has none.
        true => format!("{}{}", family.0, given.0),
    };
    let local = Slug::derive(&format!("{} {}", given.1, family.1), 1).as_str().replace('-', ".");
    Name { text, local }
}

/// Another family name for a name that is written in that order, as people take when they marry.
pub(super) fn remarried(rng: &mut StdRng, name: &str) -> Option<String> {
    let (given, old) = name.rsplit_once(' ')?;
    let pool =
        POOLS.iter().find(|pool| !pool.family_first && pool.family.iter().any(|family| spellings(family).0 == old))?;
    let new = spellings(pool.family.choose(rng)?).0;
    (new != old).then(|| format!("{given} {new}"))
}

/// An address at this domain that nobody else has there.
pub(super) fn address(taken: &mut HashSet<String>, local: &str, domain: &str) -> String {
    let mut number = 1;
    loop {
        let suffix = if number == 1 { String::new() } else { number.to_string() };
        let address = format!("{local}{suffix}@{domain}");
        if taken.insert(address.clone()) {
            return address;
        }
        number += 1;
    }
}

/// One of a hundred.
pub(super) fn percent(rng: &mut StdRng) -> u32 {
    rng.random_range(0..100)
}

fn spellings(entry: &'static str) -> (&'static str, &'static str) {
    entry.split_once('|').unwrap_or((entry, entry))
}

fn is_latin(text: &str) -> bool {
    text.chars().all(|c| c < '\u{0250}' || ('\u{1e00}'..'\u{1f00}').contains(&c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::email::EmailAddress;
    use domain::text::PersonName;

    #[test]
    fn every_name_is_a_name_and_makes_an_address() {
        for pool in POOLS {
            for (given, family) in
                pool.given.iter().flat_map(|given| pool.family.iter().map(move |family| (given, family)))
            {
                let (given, family) = (spellings(given), spellings(family));
                assert!(PersonName::parse(&format!("{} {}", given.0, family.0)).is_ok(), "{given:?} {family:?}");
                let slug = Slug::derive(&format!("{} {}", given.1, family.1), 1);
                assert!(!slug.as_str().starts_with("org-") && slug.as_str().len() >= given.1.len(), "{slug}");
                assert!(EmailAddress::parse(&format!("{slug}@acme.example")).is_ok(), "{slug}");
            }
        }
    }

    #[test]
    fn the_second_of_a_name_gets_a_number() {
        let mut taken = HashSet::new();
        assert_eq!(address(&mut taken, "li.na", "acme.example"), "li.na@acme.example");
        assert_eq!(address(&mut taken, "li.na", "acme.example"), "li.na2@acme.example");
        assert_eq!(address(&mut taken, "li.na", "contractor.example"), "li.na@contractor.example");
    }
}
