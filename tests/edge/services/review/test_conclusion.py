"""What the reader who signs concludes, in the report and in its amendments."""


def test_a_conclusion_is_part_of_the_report_and_stays_until_an_amendment_changes_it(site, ready, reader):
    assert site.report.sign(reader, ready.id, ready.version, " No sign of pneumonia ").report.conclusion == "No sign of pneumonia"

    def amended(**change):
        return site.report.amend(reader, ready.id, site.exams.get(ready.id).version, "read again", **change).report.conclusion

    assert amended() == "No sign of pneumonia"
    assert amended(conclusion="Pleural effusion on the left") == "Pleural effusion on the left"
    assert amended(conclusion="") == ""
    assert [site.report.report(reader, ready.id, number).report.conclusion for number in (1, 2)] == ["No sign of pneumonia"] * 2
