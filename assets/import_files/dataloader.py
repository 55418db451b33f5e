"""What Data Loader needs beside a Salesforce CSV: the column mapping (.sdl) and the settings of the process.

No endpoint, user or key is written: Data Loader asks for them or has them in its own config.properties. Bulk is on,
because only there `#N/A` sets a field to null and a value that is too long fails instead of being cut (P2-B1).
"""

from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from schemas.imports import BulkJob

PROCESS_FILE = "process-conf.xml"

_SETTINGS = {
    "sfdc.useBulkApi": "true",
    "sfdc.bulkApiSerialMode": "false",
    "sfdc.bulkApiZipContent": "true",
    "sfdc.loadBatchSize": "10000",
    "sfdc.insertNulls": "false",
    "sfdc.truncateFields": "false",
    "sfdc.timezone": "UTC",
    "dataAccess.type": "csvRead",
    "dataAccess.readUTF8": "true",
    "dataAccess.writeUTF8": "true",
    "process.useEuropeanDates": "false",
}


@dataclass(frozen=True)
class Process:
    """One file that Data Loader loads."""

    file: str
    job: BulkJob

    @property
    def name(self) -> str:
        """Bean id: the file's name without its ending."""
        return self.file.removesuffix(".csv")


def mapping(header: list[str]) -> bytes:
    """The .sdl of a file: each column to the field of its name; a relationship column to its field by a colon form."""
    lines = [f"{_escaped(name)}={_field(name)}" for name in header]
    return ("#Mapping values\n" + "\n".join(lines) + "\n").encode()


def processes(files: list[Process]) -> bytes:
    """`process-conf.xml`: one bean a file, in loading order."""
    beans = "\n".join(_bean(process) for process in files)
    return (
        '<!DOCTYPE beans PUBLIC "-//SPRING//DTD BEAN//EN" "http://www.springframework.org/dtd/spring-beans.dtd">\n'
        f"<beans>\n{beans}\n</beans>\n"
    ).encode()


def _bean(process: Process) -> str:
    settings = {
        **_SETTINGS,
        "sfdc.entity": process.job.object,
        "process.operation": process.job.operation,
        "process.mappingFile": f"{process.file}.sdl",
        "process.outputSuccess": f"{process.name}.success.csv",
        "process.outputError": f"{process.name}.error.csv",
        "process.enableLastRunOutput": "false",
        "dataAccess.name": process.file,
    }
    if process.job.external_id_field_name:
        settings["sfdc.externalIdField"] = process.job.external_id_field_name
    entries = "\n".join(
        f"        <entry key={quoteattr(key)} value={quoteattr(value)}/>" for key, value in sorted(settings.items())
    )
    return (
        f'  <bean id={quoteattr(process.name)} class="com.salesforce.dataloader.process.ProcessRunner" singleton="false">\n'
        f'    <property name="name" value={quoteattr(process.name)}/>\n'
        f'    <property name="configOverrideMap">\n      <map>\n{entries}\n      </map>\n    </property>\n'
        "  </bean>"
    )


def _escaped(name: str) -> str:
    escaped = name.replace("\\", "\\\\")
    for mark in ("=", ":", " ", "#", "!"):
        escaped = escaped.replace(mark, "\\" + mark)
    return escaped


def _field(name: str) -> str:
    """The right side of a Data Loader mapping writes the dot of a relationship column as an escaped colon."""
    return name.replace(".", "\\:")
