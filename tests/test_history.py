"""The history of a training, as a table and as a picture."""

import dataclasses

import pytest

from vaebin.errors import FormatError
from vaebin.figures.history import draw
from vaebin.formats import history
from vaebin.formats.history import Epoch

FIRST = Epoch(1, 1500.25, 1490.5, 4.75, 5.0, 1501.5, 5.25, 0.5, 0.002, 12)
WITHOUT = dataclasses.replace(FIRST, epoch=2, validation=None, validation_contrast=None, learning_rate=0.0)


class TestTable:
    def test_round_trip(self, tmp_path):
        history.write(tmp_path / "h", [FIRST, WITHOUT])
        assert history.read(tmp_path / "h") == [FIRST, WITHOUT]

    def test_reads_well(self, tmp_path):
        history.write(tmp_path / "h", [FIRST, WITHOUT])
        assert (tmp_path / "h").read_text().splitlines() == [
            "# vaebin-history 1.0",
            "epoch\tloss\treconstruction\tkl\tcontrast\tvalidation\tvalidation_contrast\tkl_weight\tlearning_rate\tactive",
            "1\t1500.25\t1490.5\t4.75\t5\t1501.5\t5.25\t0.5\t0.002\t12",
            "2\t1500.25\t1490.5\t4.75\t5\t\t\t0.5\t0\t12",
        ]

    def test_six_significant_digits(self, tmp_path):
        history.write(tmp_path / "h", [dataclasses.replace(FIRST, loss=1234.56789, kl=1.23456789e-7)])
        found = history.read(tmp_path / "h")[0]
        assert (found.loss, found.kl) == (1234.57, 1.23457e-07)

    def test_no_epochs(self, tmp_path):
        history.write(tmp_path / "h", [])
        assert history.read(tmp_path / "h") == []

    def test_another_table_is_refused(self, tmp_path):
        (tmp_path / "h").write_text("# vaebin-bins 1.0\n")
        with pytest.raises(FormatError, match="expected a vaebin-history table"):
            history.read(tmp_path / "h")

    def test_a_cell_that_is_no_number_is_told_with_its_line(self, tmp_path):
        history.write(tmp_path / "h", [FIRST, WITHOUT])
        (tmp_path / "h").write_text((tmp_path / "h").read_text().replace("\n2\t", "\ntwo\t"))
        with pytest.raises(FormatError, match="line 4: not a row of a vaebin-history table"):
            history.read(tmp_path / "h")


FORMATS = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}


class TestPicture:
    @pytest.mark.parametrize("picture_format", FORMATS)
    def test_the_format_is_the_one_asked_for_and_the_bytes_are_the_same_twice(self, tmp_path, picture_format):
        for name in ("a.dat", "b.dat"):
            draw(tmp_path / name, [FIRST, WITHOUT], picture_format)
        assert (tmp_path / "a.dat").read_bytes().startswith(FORMATS[picture_format])
        assert (tmp_path / "a.dat").read_bytes() == (tmp_path / "b.dat").read_bytes()

    @pytest.mark.parametrize("epochs", [[], [FIRST], [WITHOUT]], ids=["none", "one", "one, nothing held out"])
    def test_few_epochs_make_a_picture_too(self, tmp_path, epochs):
        draw(tmp_path / "h", epochs)
        assert (tmp_path / "h").read_bytes().startswith(b"\x89PNG")

    def test_what_it_shows(self, tmp_path):
        draw(tmp_path / "h", [FIRST, dataclasses.replace(FIRST, epoch=2)], "svg")
        text = (tmp_path / "h").read_text()
        for title in ("Loss", "Reconstruction (nats)", "Learning rate", "Active latent dimensions", "held out"):
            assert f"<!-- {title} -->" in text
