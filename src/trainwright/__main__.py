from trainwright.cli.main import main

main()
