import gzip

import pytest

from vaebin.errors import FormatError, InputError
from vaebin.formats import truth
from vaebin.formats.truth import Columns

COLUMNS = Columns("read_id", "species")

OURS = "# vaebin-bins 1.0\nsequence_id\tbin\tprobability\tlength\tbest_bin\treason\n"


def read(path, content, columns=COLUMNS):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = truth.read(path, columns)
    return list(zip(found.ids, found.labels, strict=True)), None if found.lengths is None else found.lengths.tolist()


AB = [("a", "x y"), ("b", "z")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("read_id\tspecies\na\tx y\nb\tz\n", (AB, None), id="two named columns"),
        pytest.param("n\tspecies\tlength\tread_id\n1\tx y\t7\ta\n2\tz\t8\tb\n", (AB, [7, 8]), id="columns by name"),
        pytest.param("a\tx y\nb\tz\n", (AB, None), id="two columns and no names"),
        pytest.param(
            "# made by hand\nread_id\tspecies\n\n#a\tq\na\tx y\nb\tz\n", (AB, None), id="comments, empty lines"
        ),
        pytest.param("# vaebin-anything 1.0\nread_id\tspecies\na\tx y\nb\tz\n", (AB, None), id="our first line"),
        pytest.param("read_id\tspecies\r\na\tx y\r\nb\tz\r\n", (AB, None), id="line ends of Windows"),
        pytest.param("read_id\tspecies\na\tx y\nb\tz", (AB, None), id="no last line end"),
        pytest.param(gzip.compress(b"read_id\tspecies\na\tx y\nb\tz\n"), (AB, None), id="gzip"),
        pytest.param("read_id\tspecies\na\tx y\nb\tz\na\tx y\n", (AB, None), id="the same row twice"),
        pytest.param("read_id\tspecies\na\t\nb\tunbinned\n", ([("a", ""), ("b", "")], None), id="no label"),
        pytest.param("read_id\tspecies\tlength\na\tx y\t7\nb\tz\t\n", (AB, None), id="not every length"),
        pytest.param("read_id\tspecies\n", ([], None), id="no row"),
        pytest.param("", ([], None), id="nothing"),
        pytest.param(
            "@Version:0.9.1\n@SampleID:s\n\n@@SEQUENCEID\tBINID\t_LENGTH\na\tx y\t7\nb\tz\t8\n", (AB, [7, 8]), id="gold"
        ),
        pytest.param("#c\n@version: 0.9\n@@SEQUENCEID\tTAXID\tBINID\na\t9\tx y\nb\t9\tz\n", (AB, None), id="biobox"),
    ],
)
def test_reads(tmp_path, content, expected):
    assert read(tmp_path / "t", content) == expected


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize(("column", "second"), [("bin", ""), ("best_bin", "bin_2")])
def test_reads_our_bin_table(tmp_path, column, second, packed):
    rows = "a\tbin_1\t0.9900\t7\tbin_1\tassigned\nb\tunbinned\t0.4000\t8\tbin_2\tunsure\n"
    content = (OURS + rows).encode()
    found = read(tmp_path / "bins.tsv", gzip.compress(content) if packed else content, Columns("sequence_id", column))
    assert found == ([("a", "bin_1"), ("b", second)], [7, 8])


@pytest.mark.parametrize(
    ("content", "error", "says"),
    [
        pytest.param(
            "id\tgenome\tn\na\tx\t1\n", FormatError, "line 1 has no column 'read_id'; it has 'id', 'genome'", id="id"
        ),
        pytest.param("read_id\tg\tn\n", FormatError, "line 1 has no column 'species'", id="label"),
        pytest.param("read_id\tgenome\na\tx\n", FormatError, "line 1 has no column 'species'", id="label of two"),
        pytest.param("contig\tspecies\na\tx\n", FormatError, "line 1 has no column 'read_id'", id="id of two"),
        pytest.param("read_id\tspecies\na\tx\nb\n", FormatError, "line 3: 1 cells, expected 2", id="cells"),
        pytest.param("read_id\tspecies\n\tx\n", FormatError, "line 2: the id is empty", id="empty id"),
        pytest.param(
            "read_id\tspecies\na\tx\na\tz\n", InputError, "line 3: 'a' has the label 'z', and before 'x'", id="two"
        ),
        pytest.param(
            "read_id\tspecies\tlength\na\tx\tlong\n", FormatError, "line 2: length 'long' is not", id="length"
        ),
        pytest.param("@Version:1\na\tx\n", FormatError, "line 2: a row before the line @@SEQUENCEID BINID", id="no @@"),
        pytest.param("@@SEQUENCEID\tTAXID\na\t9\n", FormatError, "line 1 has no column BINID", id="taxa only"),
        pytest.param(
            "# vaebin-bins 2.0\nsequence_id\tbin\n", FormatError, "version 2.0; this vaebin reads", id="major"
        ),
        pytest.param(b"\x1f\x8b\x08\x00", FormatError, "gzip data damaged or cut short", id="cut gzip"),
        pytest.param(b"\xff\xfe\x00", FormatError, "not text", id="binary"),
    ],
)
def test_refuses(tmp_path, content, error, says):
    with pytest.raises(error) as raised:
        read(tmp_path / "t.tsv", content)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_refuses_what_is_no_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        truth.read(tmp_path / "missing", COLUMNS)
    with pytest.raises(InputError, match="is a directory"):
        truth.read(tmp_path, COLUMNS)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        pytest.param(OURS, "bins", id="our bins"),
        pytest.param("@SampleID:x\n", "biobox", id="biobox"),
        pytest.param("# made by x\n@@SEQUENCEID\tBINID\n", "biobox", id="biobox without a head"),
        pytest.param(">r1 chromosome=c\nACGT\n", "sequences", id="FASTA"),
        pytest.param("@m0/6447/CCS Read=0\nACGT\n+\nIIII\n", "sequences", id="FASTQ"),
        pytest.param("@V300:1:2\nACGT\n+\nIIII\n", "sequences", id="FASTQ with colons"),
        pytest.param("a\tb\n", "table", id="table"),
        pytest.param("", "table", id="nothing"),
    ],
)
def test_tells_files_apart_by_content(tmp_path, content, kind):
    path = tmp_path / "dataset_1.dat"
    path.write_text(content)
    assert truth.kind(path) == kind


SIMLORD = (
    "length=6447bp;startpos=41489;chromosome={};numberOfErrors=305;totalErrorProb=0.0515;passes=2.69;"
    "passesLeft=3;passesRight=2;cutPosition=4452"
)


@pytest.mark.parametrize(
    ("header", "chromosome"),
    [
        pytest.param("m0/6447/CCS Read=0;" + SIMLORD.format("CP001235.1"), "CP001235.1", id="1.0.4"),
        pytest.param("Read=0;" + SIMLORD.format("CP001235.1"), "CP001235.1", id="1.0.4 --old-read-names"),
        pytest.param("Read_12 " + SIMLORD.format("CP001235.1"), "CP001235.1", id="renamed"),
        pytest.param("m0/6447/CCS Read=0;" + SIMLORD.format("NC_1|a b: 1-2"), "NC_1|a b: 1-2", id="with spaces"),
        pytest.param("r1 chromosome=last", "last", id="alone"),
    ],
)
def test_simlords_chromosome(tmp_path, header, chromosome):
    name = header.split()[0]
    assert truth.simlord_row(tmp_path, 1, name, header, 4)[1:] == (name, chromosome, "4")


def test_a_header_without_a_chromosome_is_named(tmp_path):
    with pytest.raises(InputError, match=r"record 3 \('r3'\) does not say chromosome=NAME"):
        truth.simlord_row(tmp_path, 3, "r3", "r3 length=4bp", 4)
