#!/usr/bin/env bash
# Start a private Galaxy (web server and celery worker) on 127.0.0.1:PORT with our tools in its panel, and wait for it.
#
#   serve.sh GALAXY_VENV PORT RUN_FOLDER BIN_FOLDER
#
# BIN_FOLDER holds links to our executables and nothing else: the jobs' python must stay Galaxy's. While the file
# RUN_FOLDER/containers is there, jobs run in the image that the tools name, by docker; it holds what DOCKER_HOST would
# say, or nothing. To end both: kill $(cat RUN_FOLDER/*.pid)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
venv=$1 port=$2 run=$3 bin=$4
export VAEBIN_GALAXY_KEY=${VAEBIN_GALAXY_KEY:-ci-admin-key-0123456789}
mkdir -p "$run/config" "$run/data" "$run/planemo"
run=$(cd "$run" && pwd)
sed -e "s#@RUN@#$run#g" -e "s#@KEY@#$VAEBIN_GALAXY_KEY#" "$here/galaxy.yml.in" > "$run/galaxy.yml"
echo '<tables/>' > "$run/tool_data_table_conf.xml"
echo '<tool_sheds/>' > "$run/tool_sheds_conf.xml"
printf '?\tunspecified (?)\n' > "$run/builds.txt"
printf "vaebin_plot\nvaebin_report\n" > "$run/sanitize_allowlist.txt"
shed=toolshed.g2.bx.psu.edu/repos/bgruening/flye  # a Flye that only plays its part, where and as the Tool Shed puts it
mkdir -p "$run/$shed/0/flye" && cp "$here/played/flye.xml" "$run/$shed/0/flye"
{
  echo '<toolbox monitor="false"><section id="getext" name="Get Data"><tool file="data_source/upload.xml"/></section>'
  echo '<section id="binning" name="Metagenomic binning">'
  for xml in "$here"/../tools/vaebin_*.xml; do echo "<tool file=\"$(realpath "$xml")\"/>"; done
  echo '</section><section id="collections" name="Collection Operations">'
  for xml in build_list_1.2.0 filter_failed_collection; do echo "<tool file=\"\${model_tools_path}/$xml.xml\"/>"; done
  echo "</section><section id=\"assembly\" name=\"Assembly\"><tool file=\"$run/$shed/0/flye/flye.xml\" guid=\"$shed/flye/2.9.6+galaxy0\">"
  echo '<tool_shed>toolshed.g2.bx.psu.edu</tool_shed><repository_name>flye</repository_name>'
  echo '<repository_owner>bgruening</repository_owner><installed_changeset_revision>0</installed_changeset_revision>'
  echo '<version>2.9.6+galaxy0</version></tool></section></toolbox>'
} > "$run/tool_conf.xml"
export VIRTUAL_ENV=$venv PATH=$venv/bin:$bin:$PATH PYTHONPATH=$here
export GALAXY_CONFIG_FILE=$run/galaxy.yml PLANEMO_GLOBAL_WORKSPACE=$run/planemo
cd "$run"
rm -f ./*.pid
echo "$port" > port
nohup galaxy-web --bind "127.0.0.1:$port" > galaxy.log 2>&1 < /dev/null &
echo $! > galaxy.pid
nohup celery --app galaxy.celery worker --concurrency 2 --loglevel WARNING --pool threads \
  --queues celery,galaxy.internal,galaxy.external > celery.log 2>&1 < /dev/null &
echo $! > celery.pid
until curl -sf -o /dev/null -m 2 "http://127.0.0.1:$port/api/version"; do
  for process in galaxy celery; do
    kill -0 "$(cat $process.pid)" 2>/dev/null || { tail -20 $process.log >&2; exit 1; }
  done
  sleep 0.5
done
