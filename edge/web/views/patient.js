// Who the patient of an exam is, and how the patient is: two forms, and the lines that state it.

import { ask } from "/web/api.js";
import { t } from "/web/i18n.js";
import { askForm } from "/web/parts/form.js";

const MEASURED = { spo2: ["context.spo2", "%"], respiratory_rate: ["context.respiratory_rate", "/min"], temperature: ["context.temperature", "Cel"], pulse: ["context.pulse", "/min"] };
const KNOWN = { pregnancy: "context.pregnancy", heart_failure: "context.heart_failure" };
const ANSWERS = { unknown: "answer.unknown", yes: "answer.yes", no: "answer.no" };
const SEXES = { "": "answer.unstated", female: "sex.female", male: "sex.male", other: "sex.other", unknown: "answer.unknown" };

const options = (texts) => Object.entries(texts).map(([value, key]) => [value, t(key)]);
const box = (name, label, value, more = {}) => ({ name, label: t(label), value: value ?? "", required: false, autocomplete: "off", ...more });
const stated = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ""));

export const askPatient = (path, { patient, version }) => askForm({
  title: t("patient.title"),
  text: patient ? t("patient.replaces") : "",
  fields: [
    box("identifier", "patient.identifier", patient?.identifier, { required: true, maxlength: "64", autofocus: true }),
    box("name", "patient.name", patient?.name, { required: true, maxlength: "200" }),
    box("birth_date", "patient.birth_date", patient?.birth_date, { maxlength: "10", placeholder: "1984-03-21", inputmode: "numeric" }),
    { name: "sex", label: t("patient.sex"), options: options(SEXES), required: false, value: patient?.sex ?? "" },
  ],
  button: t("patient.button"),
  act: (values) => ask("PUT", `${path}/patient`, stated(values), { seen: version }),
});

export const askContext = (path, { context, version }) => askForm({
  title: t("context.title"),
  text: t("context.text"),
  fields: [
    box("complaint", "context.complaint", context.complaint, { maxlength: "500", autofocus: true }),
    ...Object.entries(MEASURED).map(([name, [label]]) => box(name, label, context[name]?.value, { type: "number", step: "any", inputmode: "decimal" })),
    ...Object.entries(KNOWN).map(([name, label]) => ({ name, label: t(label), options: options(ANSWERS), value: context[name] })),
  ],
  button: t("context.button"),
  act: (values) => ask("PUT", `${path}/context`, contextIn(context, values), { seen: version }),
});

// A measurement that was not changed keeps its time and its author.
function contextIn(context, values) {
  const measured = Object.entries(MEASURED).map(([name, [, unit]]) => {
    if (values[name] === "") return [name, null];
    const value = Number(values[name]);
    return [name, context[name]?.value === value ? context[name] : { value, unit }];
  });
  return { ...context, ...values, ...Object.fromEntries(measured) };
}

// [name, value] of what is known.
export const contextOf = (context) => [
  ["complaint", context.complaint],
  ...Object.keys(MEASURED).map((name) => [name, context[name] && `${context[name].value}`]),
  ...Object.keys(KNOWN).map((name) => [name, context[name] !== "unknown" && t(ANSWERS[context[name]])]),
].filter(([, value]) => value).map(([name, value]) => [t(`context.${name}`), value]);
