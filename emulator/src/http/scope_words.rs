//! What a scope lets an application do, in words.

/// Returns what a scope lets an application do. Those of the newer service are named by what they are of, and what may be done with
/// it; those in capitals are the older service's. (Concur's page: *Scopes*.)
pub(crate) fn words(scope: &str) -> String {
    let known = KNOWN.iter().find(|(name, _)| *name == scope);
    if let Some((_, words)) = known {
        return (*words).to_owned();
    }
    let Some((of, action)) = scope.rsplit_once('.') else {
        return "use a part of Concur that has no words here".to_owned();
    };
    let verb = match action {
        "read" => "see",
        "write" | "readwrite" => "see and change",
        "writeonly" => "add and change",
        "delete" => "delete",
        _ => return "use a part of Concur that has no words here".to_owned(),
    };
    format!("{verb} {}", of.replace('.', ", "))
}

const KNOWN: [(&str, &str); 24] = [
    ("openid", "know which user or company this is"),
    ("user.read", "see your profile"),
    ("user_read", "see your profile"),
    ("company.read", "see your company's profile"),
    ("expense.report.read", "see your expense reports"),
    (
        "expense.report.readwrite",
        "see and change your expense reports",
    ),
    ("travel.itinerary.read", "see your itineraries"),
    ("receipts.read", "see your receipts"),
    ("receipts.write", "see and add receipts"),
    ("ATTEND", "see and change attendees"),
    ("COMPD", "see your company's profile"),
    ("CONFIG", "see your company's settings of expenses"),
    ("CONREQ", "see and answer connection requests"),
    ("ERECPT", "add electronic receipts"),
    ("EXPRPT", "see and change your expense reports"),
    ("EXTRCT", "fetch extracts of your company's expenses"),
    ("IMAGE", "see and add images of receipts"),
    ("INVPO", "see and change purchase orders"),
    ("ITINER", "see and change your itineraries"),
    ("LIST", "see and change your company's lists"),
    ("MTNG", "see and change meetings"),
    ("PAYBAT", "see and close payment batches"),
    ("TRVPRF", "see and change your travel profile"),
    ("USER", "see and change users"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_has_words() {
        for (scope, expected) in [
            ("openid", "know which user or company this is"),
            ("EXPRPT", "see and change your expense reports"),
            ("spend.list.delete", "delete spend, list"),
            ("cards.account.writeonly", "add and change cards, account"),
            ("budgetitem.write", "see and change budgetitem"),
            ("GHOST", "use a part of Concur that has no words here"),
            ("a.b", "use a part of Concur that has no words here"),
        ] {
            assert_eq!(words(scope), expected, "{scope}");
        }
    }
}
