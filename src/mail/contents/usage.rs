//! What mails about use say.

use super::{Body, Speech, one_line};
use crate::domain::metering::Limit;
use crate::ports::mail::News;
use crate::text::{self, Arg};

impl Speech<'_> {
    /// A limit is near, reached or passed.
    pub(super) fn limit_reached(&self, news: &News) -> Body {
        let News::LimitReached {
            what,
            of,
            percent,
            used,
            limit,
            reached,
            stops,
            charged,
            until,
        } = news
        else {
            return Body::default();
        };
        let what = one_line(what);
        let share = text::count(self.language, u64::from(*percent));
        let told = [("what", Arg::from(&what)), ("percent", Arg::from(&share))];
        let subject = if *reached {
            self.told("mail-limit-reached-subject", &told)
        } else {
            self.told("mail-limit-near-subject", &told)
        };
        let what_follows = match (reached, stops, charged) {
            (true, true, _) => "mail-limit-reached-stops",
            (false, true, _) => "mail-limit-near-stops",
            (true, false, true) => "mail-limit-reached-charged",
            (false, false, true) => "mail-limit-near-charged",
            (_, false, false) => "mail-limit-goes-on",
        };
        let limit = match limit {
            Limit::Count(limit) => text::quantity(self.language, *limit),
            Limit::Money(limit) => self.money(*limit),
        };
        let mut facts = vec![
            self.fact("mail-limit-used", text::quantity(self.language, *used)),
            self.fact("mail-limit-limit", limit),
            self.fact("mail-limit-until", self.moment(*until)),
        ];
        if let Some(client) = of {
            facts.insert(0, self.fact("mail-limit-client", one_line(client)));
        }
        Body {
            subject,
            paragraphs: vec![self.words(what_follows)],
            facts,
            why: Some(self.with_seller("mail-limit-why")),
            ..Body::default()
        }
    }
}
