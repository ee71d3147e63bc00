// The lists of the hospital in words: what is scheduled, and who is in the hospital now.

import { now } from "/web/api.js";
import { agoOf, dayOf, momentOf, numberOf, t } from "/web/i18n.js";
import { el } from "/web/parts/dom.js";

const PROBLEMS = {
  unreadable: "worklist.unreadable",
  characters: "worklist.characters",
  "no-id": "worklist.no_id",
  "several-ids": "worklist.several_ids",
  "several-names": "worklist.several_names",
  "several-accessions": "worklist.several_accessions",
  "long-id": "worklist.long_id",
  "long-accession": "worklist.long_accession",
  "no-study": "worklist.no_study",
  "same-id": "worklist.same_id",
  "same-study": "worklist.same_study",
  "no-admission": "encounters.no_admission",
  "several-admissions": "encounters.several_admissions",
  "long-admission": "encounters.long_admission",
  "no-patient": "encounters.no_patient",
  "same-admission": "encounters.same_admission",
};
const SEXES = { F: "sex.female", M: "sex.male", O: "sex.other" };
const KINDS = { inpatient: "encounters.inpatient", outpatient: "encounters.outpatient", emergency: "encounters.emergency", planned: "encounters.planned" };

const WHOLE_DAY = /^\d{4}-\d\d-\d\d/;
const noonOf = (date) => `${date}T12:00:00`;
const dayIn = (date) => (WHOLE_DAY.test(date) ? dayOf(noonOf(date.slice(0, 10))) : date);
const dayUnlessToday = (date) => dayIn(date) !== dayOf(now()) && dayIn(date);
const timeIn = (time) => (/^\d{4}/.test(time) ? `${time.slice(0, 2)}:${time.slice(2, 4)}` : time);
// Each part keeps its own direction of writing.
const lineOf = (...parts) => el("span", {}, ...parts.filter(Boolean).flatMap((text, place) => [place > 0 && " \u00b7 ", el("bdi", { text })]));

const personOf = ({ patient_id: id, birth_date: born, sex }) => lineOf(id && t("worklist.id", { id }), born && t("worklist.born", { date: dayIn(born) }), sex in SEXES && t(SEXES[sex]));
const orderOf = ({ date, time, step, requested, accession }) => lineOf(dayUnlessToday(date), timeIn(time), step || requested, accession && t("worklist.number", { number: accession }));
const stayOf = ({ place, kind, admission_id: id, since }) => lineOf(place, kind in KINDS && t(KINDS[kind]), id && t("encounters.admission", { id }), since && t("encounters.since", { date: dayIn(since) }));
const nameOf = ({ name }) => el("strong", {}, el("bdi", { text: name }));

// Why no exam begins from an entry; empty where one can.
export const whyNot = ({ problems, reasons, exam_id: begun }) => {
  if (problems.length) return t("worklist.unusable", { reason: problems.map((each, place) => (each in PROBLEMS ? t(PROBLEMS[each]) : reasons[place])).join("; ") });
  return begun ? t("worklist.begun") : "";
};

const answered = (peer, at, entries) => (at ? t("worklist.answered", { peer, ago: agoOf(at, now()), when: momentOf(at), entries: numberOf(entries) }) : t("worklist.never", { peer }));
const sent = (at, entries) => (at ? t("encounters.sent", { ago: agoOf(at, now()), when: momentOf(at), entries: numberOf(entries) }) : t("encounters.never_sent"));

// Of each list: its noun in the API, its title, the key of an entry and its field in an order, the codes that a scanner may read of it,
// its lines, whether there is such a list, who is asked for it, and how old it is.
export const LISTS = [
  {
    noun: "worklist",
    title: "worklist.search",
    key: "study_uid",
    field: "study_uid",
    codes: ["patient_id", "accession", "admission_id"],
    linesOf: (entry) => [nameOf(entry), personOf(entry), orderOf(entry)],
    isThere: ({ peer }) => peer !== "",
    ageOf: ({ peer, asked_at: at, scheduled }) => answered(peer, at, scheduled),
    at: ({ asked_at: at }) => at,
  },
  {
    noun: "encounters",
    title: "encounters.title",
    key: "admission_id",
    field: "encounter",
    codes: ["patient_id", "admission_id"],
    linesOf: (entry) => [nameOf(entry), personOf(entry), stayOf(entry)],
    isThere: (found) => found.sent || found.peer !== "",
    ageOf: (found) => (found.sent ? sent(found.received_at, found.open) : answered(found.peer, found.received_at, found.open)),
    at: ({ received_at: at }) => at,
  },
];
