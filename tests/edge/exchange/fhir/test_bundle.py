import json
from urllib.parse import parse_qs
from uuid import UUID

from fhir.resources.R4B.bundle import Bundle

from edge.exchange import codes
from edge.exchange.fhir.bundle import bundle_of
from edge.notice import NOTICE
from tests.edge.exchange.changes import undecided, with_exam, with_report
from tests.edge.exchange.fhir.reading import coded, decisions, labels, of, resolved, sent, walk, written, zones


def test_the_bundle_is_a_transaction_that_fhir_resources_reads_again(handed):
    content = bundle_of(handed, written(handed))
    read = Bundle.model_validate_json(content)
    assert read.type == "transaction"
    assert json.loads(read.model_dump_json()) == json.loads(content)


def test_every_reference_is_to_a_resource_of_the_bundle(bundle):
    known = {entry["fullUrl"] for entry in bundle["entry"]}
    asked = {each["reference"] for _, each in walk(bundle) if "reference" in each}
    assert asked
    assert asked <= known


def test_nothing_is_empty(bundle):
    assert not [(key, each) for key, each in walk(bundle) if any(value in ("", [], {}, None) for value in each.values())]


def test_no_resource_is_there_twice_and_no_id_is_too_long(bundle):
    urls = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(set(urls)) == len(urls)
    for entry in bundle["entry"]:
        UUID(entry["fullUrl"].removeprefix("urn:uuid:"))
        assert len(entry["resource"].get("id", "")) <= 64
    for _, each in walk(of(bundle, "ImagingStudy")):
        assert len(each.get("uid", "")) <= 64


def test_sending_it_twice_doubles_nothing(handed, bundle):
    assert sent(handed) == bundle
    for entry in bundle["entry"]:
        request, resource = entry["request"], entry["resource"]
        if request["method"] == "PUT":
            assert request["url"] == f"{resource['resourceType']}/{resource['id']}"
            assert entry["fullUrl"] == f"urn:uuid:{resource['id']}"
        else:
            [identifier] = resource["identifier"]
            assert parse_qs(request["ifNoneExist"]) == {"identifier": [f"{identifier['system']}|{identifier['value']}"]}


def test_what_the_server_may_have_already_is_never_overwritten(bundle):
    created = {entry["resource"]["resourceType"] for entry in bundle["entry"] if entry["request"]["method"] == "POST"}
    assert created == {"Patient", "Practitioner", "Device", "DocumentReference"}
    assert not any(entry["resource"]["resourceType"] in created for entry in bundle["entry"] if entry["request"]["method"] == "PUT")


def test_an_amended_report_takes_the_place_of_the_one_before_with_its_own_provenance(handed, bundle):
    amended = sent(with_report(handed, number=2, status="amended", why="read again"))
    [before], [now] = of(bundle, "DiagnosticReport"), of(amended, "DiagnosticReport")
    assert (before["id"], before["status"], now["status"]) == (now["id"], "final", "amended")
    assert {each["status"] for each in decisions(amended)} == {"amended"}
    assert not {each["id"] for each in of(bundle, "Provenance")} & {each["id"] for each in of(amended, "Provenance")}


def test_the_report_lists_what_holds(bundle, handed):
    [report] = of(bundle, "DiagnosticReport")
    results = [resolved(bundle, each) for each in report["result"]]
    assert len(results) == 6 + 12
    assert not [each for each in results if "device" in each]
    assert (report["status"], report["conclusion"]) == ("final", "Interstitial syndrome on the left.")
    assert resolved(bundle, report["resultsInterpreter"][0])["name"] == [{"text": handed.report.signed_by}]
    assert "presentedForm" not in report


def test_without_decisions_the_report_lists_the_answers_of_the_model_as_such(handed):
    draft = sent(undecided(handed))
    [report] = of(draft, "DiagnosticReport")
    assert report["status"] == "preliminary"
    assert "resultsInterpreter" not in report
    assert not decisions(draft)
    results = [resolved(draft, each) for each in report["result"]]
    assert [labels(each) for each in results if "device" in each] == [[codes.AI_ASSERTED.value]] * 12
    assert labels(zones(draft)["BLUE_6_L1"]) == labels(report) == [codes.AI_ASSERTED.value]


def test_the_notice_is_with_every_finding_and_with_the_report(bundle):
    for each in of(bundle, "Observation"):
        if coded(each["category"][0]) == [codes.IMAGING.value]:
            assert NOTICE in [note["text"] for note in each["note"]]
    assert NOTICE in of(bundle, "DiagnosticReport")[0]["text"]["div"]


def test_an_exam_of_a_simulated_patient_is_labelled_as_test_data(handed):
    bundle = sent(with_exam(handed, simulated=True))
    for kind in ("Observation", "DiagnosticReport", "ImagingStudy"):
        assert all(codes.TEST_DATA.value in labels(each) for each in of(bundle, kind))


def test_markup_in_a_text_stays_text(handed):
    zone = handed.report.zones[0].model_copy(update={"why": "<b>&"})
    [report] = of(sent(with_report(handed, zones=(zone, *handed.report.zones[1:]))), "DiagnosticReport")
    assert "&lt;b&gt;&amp;" in report["text"]["div"]
